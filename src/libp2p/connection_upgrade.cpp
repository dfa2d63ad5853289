#include "libp2p/connection_upgrade.h"

#include <array>

namespace libpreconf::libp2p {
namespace {

const std::array<std::string, 1>& security_protocols() {
  static const std::array<std::string, 1> kProtocols = {"/noise"};
  return kProtocols;
}

const std::array<std::string, 1>& muxer_protocols() {
  static const std::array<std::string, 1> kProtocols = {"/yamux/1.0.0"};
  return kProtocols;
}

bool agreed(const auto& negotiation) {
  return std::visit([](const auto& role) { return role.agreed(); }, negotiation);
}

}  // namespace

ConnectionUpgrade::ConnectionUpgrade(Direction direction, const NoiseIdentity& local,
                                     const crypto::X25519KeyPair& ephemeral, const PeerId& expected)
    : security_(negotiation(direction, security_protocols())),
      handshake_(direction, local, ephemeral, expected),
      muxer_(negotiation(direction, muxer_protocols())) {}

ConnectionUpgrade::Negotiation ConnectionUpgrade::negotiation(Direction direction,
                                                              std::span<const std::string> protocol) {
  if (direction == Direction::inbound) return MultistreamListener(protocol);
  return MultistreamDialer({protocol.begin(), protocol.end()});
}

void ConnectionUpgrade::start(Bytes& out) {
  if (auto* dialer = std::get_if<MultistreamDialer>(&security_)) dialer->start(out);
  handshake_.start(out);
}

Result<std::size_t> ConnectionUpgrade::receive(ByteView in, Bytes& out) {
  std::size_t used = 0;
  if (!agreed(security_)) {
    auto result = std::visit([&](auto& role) { return role.receive(in, out); }, security_);
    if (!result) return fail_with_context(result.error(), "negotiating /noise");
    used = *result;
    if (!agreed(security_)) return used;
    ++steps_;
  }
  const std::size_t before = out.size();
  auto result = handshake_.receive(in.subspan(used), out);
  if (!result) return fail_with_context(result.error(), "noise handshake");
  if (out.size() > before || handshake_.finished()) ++steps_;
  return used + *result;
}

void ConnectionUpgrade::start_muxer(Bytes& out) {
  if (auto* dialer = std::get_if<MultistreamDialer>(&muxer_)) dialer->start(out);
}

Result<std::size_t> ConnectionUpgrade::receive_muxer(ByteView in, Bytes& out) {
  auto result = std::visit([&](auto& role) { return role.receive(in, out); }, muxer_);
  if (!result) return fail_with_context(result.error(), "negotiating /yamux/1.0.0");
  ++steps_;
  return *result;
}

bool ConnectionUpgrade::muxer_agreed() const noexcept {
  return agreed(muxer_);
}

}  // namespace libpreconf::libp2p
