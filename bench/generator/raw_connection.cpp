#include "generator/raw_connection.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "common/arguments.h"
#include "common/server_watch.h"
#include "libp2p/multiaddr.h"
#include "libp2p/multistream.h"

namespace libpreconf::bench {

using namespace libp2p;

namespace {

constexpr std::uint32_t kStream = 1;
/// Data of one yamux frame, which fills one noise message of 16 KiB, as our swarm sends it.
constexpr std::size_t kBody = limits::kNoiseFrameSent - NoiseTransport::kOverhead - YamuxHeader::kSize;
constexpr std::size_t kSealedFrame = limits::kNoiseFrameSent;
constexpr std::size_t kSendAtOnce = 256 << 10;
constexpr int kPatienceMs = 20'000;

int connect_to(const std::string& multiaddr) {
  const auto address = Multiaddr::parse(multiaddr);
  if (!address || !address->socket_address()) die("not an address: " + multiaddr);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(address->port());
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(out, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    die("cannot connect to " + multiaddr);
  const int on = 1;
  (void)setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return out;
}

}  // namespace

RawConnection::RawConnection(const std::string& multiaddr, Random& random)
    : socket_(connect_to(multiaddr)),
      identity_(Identity::generate(KeyType::ed25519, random)),
      noise_(identity_, random),
      upgrade_(Direction::outbound, noise_, crypto::X25519KeyPair::generate(random), {}) {
  Bytes out;
  upgrade_.start(out);
  write_all(out);
  Bytes in(1 << 16);
  while (!upgrade_.secured()) {
    const ssize_t got = recv(socket_, in.data(), in.size(), 0);
    if (got <= 0) die("the server ended the upgrade");
    out.clear();
    const ByteView bytes = ByteView(in).first(static_cast<std::size_t>(got));
    const auto used = upgrade_.receive(bytes, out);
    if (!used) die("upgrade: " + used.error().message);
    write_all(out);
    if (!upgrade_.secured()) continue;
    transport_.emplace(upgrade_.transport());
    if (*used != bytes.size()) die("the server spoke before the muxer was proposed");
  }
  Bytes proposal;
  upgrade_.start_muxer(proposal);
  out.clear();
  transport_->append_sealed(proposal, out);
  write_all(out);
  while (!upgrade_.muxer_agreed()) hear(true);
}

RawConnection::~RawConnection() {
  close(socket_);
}

void RawConnection::open_stream(std::string_view protocol) {
  Bytes body;
  append_multistream(body, "/multistream/1.0.0");
  append_multistream(body, protocol);
  const std::size_t answer = body.size();
  credit_ -= static_cast<std::int64_t>(body.size());
  say({.type = static_cast<std::uint8_t>(YamuxType::data), .flags = kYamuxSyn, .stream = kStream}, body);
  while (heard_.size() < answer) hear(true);
  if (!equal(heard_, body)) die(fmt::format("the server does not offer {}", protocol));
  heard_.clear();
}

void RawConnection::settle(Duration time) {
  const std::int64_t end = now_ns() + std::chrono::nanoseconds(time).count();
  while (now_ns() < end) {
    hear(false);
    usleep(5000);
  }
}

std::uint64_t RawConnection::seal(std::uint64_t bytes, Random& random) {
  const std::size_t frames = (bytes + kBody - 1) / kBody;
  Bytes plaintext(YamuxHeader::kSize + kBody);
  random.fill(plaintext);
  YamuxHeader header{.type = static_cast<std::uint8_t>(YamuxType::data), .stream = kStream, .length = kBody};
  const auto head = std::span<std::uint8_t, YamuxHeader::kSize>(plaintext.data(), YamuxHeader::kSize);
  header.encode(head);
  sealed_.reserve(frames * kSealedFrame + 64);
  for (std::size_t i = 0; i < frames; ++i) transport_->append_sealed(plaintext, sealed_);
  header.flags = kYamuxFin;
  header.length = 0;
  header.encode(head);
  transport_->append_sealed(head, sealed_);
  frozen_ = true;
  return frames * std::uint64_t{kBody};
}

void RawConnection::transfer(std::uint64_t bytes) {
  send_up_to(bytes / kBody * kSealedFrame);
}

Bytes RawConnection::finish() {
  send_up_to(sealed_.size());
  while (heard_.size() < 8 && !remote_closed_) hear(true);
  return heard_;
}

void RawConnection::send_up_to(std::size_t end) {
  while (sent_ < end) {
    // Of a frame that has begun, the window is paid for.
    const std::size_t begun = (sent_ + kSealedFrame - 1) / kSealedFrame * kSealedFrame;
    const std::size_t allowed = begun + static_cast<std::size_t>(credit_ / kBody) * kSealedFrame;
    const std::size_t until = std::min({end, allowed, sent_ + kSendAtOnce});
    if (until == sent_) {
      hear(true);
      continue;
    }
    const ssize_t got = send(socket_, sealed_.data() + sent_, until - sent_, MSG_NOSIGNAL);
    if (got <= 0) die("the server ended the connection");
    const std::size_t now_at = sent_ + static_cast<std::size_t>(got);
    const std::size_t frames = (now_at + kSealedFrame - 1) / kSealedFrame - begun / kSealedFrame;
    if (now_at > begun) credit_ -= static_cast<std::int64_t>(frames * kBody);
    sent_ = now_at;
    hear(false);
  }
}

void RawConnection::write_all(ByteView bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) die("the server ended the connection");
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

void RawConnection::say(const YamuxHeader& header, ByteView body) {
  YamuxHeader complete = header;
  if (!body.empty()) complete.length = static_cast<std::uint32_t>(body.size());
  Bytes plaintext(YamuxHeader::kSize);
  complete.encode(std::span<std::uint8_t, YamuxHeader::kSize>(plaintext.data(), YamuxHeader::kSize));
  plaintext.insert(plaintext.end(), body.begin(), body.end());
  Bytes out;
  transport_->append_sealed(plaintext, out);
  write_all(out);
}

void RawConnection::hear(bool wait) {
  pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
  const int ready = poll(&readable, 1, wait ? kPatienceMs : 0);
  if (ready == 0 && wait) die("the server gives no answer");
  if (ready <= 0) return;
  std::uint8_t buffer[1 << 16];
  const ssize_t got = recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) die("the server ended the connection");
  ByteView in(buffer, static_cast<std::size_t>(got));
  for (;;) {
    const auto plaintext = transport_->next(in, buffers_);
    if (!plaintext) die("noise: " + plaintext.error().message);
    if (!*plaintext) return;
    on_plaintext(**plaintext);
  }
}

void RawConnection::on_plaintext(ByteView plaintext) {
  if (!upgrade_.muxer_agreed()) {
    Bytes out;
    const auto used = upgrade_.receive_muxer(plaintext, out);
    if (!used) die("muxer: " + used.error().message);
    plaintext = plaintext.subspan(*used);
  }
  plaintext_.insert(plaintext_.end(), plaintext.begin(), plaintext.end());
  std::size_t at = 0;
  while (plaintext_.size() - at >= YamuxHeader::kSize) {
    const auto header = YamuxHeader::decode(ByteView(plaintext_).subspan(at).first<YamuxHeader::kSize>());
    const bool data = header.type == static_cast<std::uint8_t>(YamuxType::data);
    const std::size_t size = YamuxHeader::kSize + (data ? header.length : 0);
    if (plaintext_.size() - at < size) break;
    const Bytes body(plaintext_.begin() + static_cast<std::ptrdiff_t>(at + YamuxHeader::kSize),
                     plaintext_.begin() + static_cast<std::ptrdiff_t>(at + size));
    at += size;
    on_frame(header, body);
  }
  plaintext_.erase(plaintext_.begin(), plaintext_.begin() + static_cast<std::ptrdiff_t>(at));
}

void RawConnection::on_frame(const YamuxHeader& header, ByteView body) {
  const auto type = static_cast<YamuxType>(header.type);
  if (type == YamuxType::go_away) die("the server said go away");
  if (type == YamuxType::ping) {
    if (header.has(kYamuxSyn) && !frozen_) {
      say({.type = header.type, .flags = kYamuxAck, .stream = 0, .length = header.length}, {});
    }
    return;
  }
  if (header.stream != kStream) {
    if (header.has(kYamuxSyn) && !frozen_) {
      say({.type = static_cast<std::uint8_t>(YamuxType::window_update),
           .flags = kYamuxRst,
           .stream = header.stream},
          {});
    }
    return;
  }
  if (header.has(kYamuxRst)) die("the server reset the bulk stream");
  if (type == YamuxType::window_update) credit_ += header.length;
  heard_.insert(heard_.end(), body.begin(), body.end());
  remote_closed_ |= header.has(kYamuxFin);
}

}  // namespace libpreconf::bench
