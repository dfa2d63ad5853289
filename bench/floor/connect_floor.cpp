// TCP, the three messages of a noise handshake with their four X25519 and one verify a side, and one sealed
// question and answer for identify.

#include <fmt/core.h>
#include <unistd.h>

#include "common/server_watch.h"
#include "common/statistics.h"
#include "crypto/ed25519.h"
#include "crypto/x25519.h"
#include "floor/floors.h"
#include "floor/pair.h"
#include "floor/sealed.h"

namespace libpreconf::bench {
namespace {

/// Rough sizes of the handshake's messages, and of identify's.
constexpr std::size_t kHello = 32;
constexpr std::size_t kProof = 200;
constexpr std::size_t kAnswer = 400;
constexpr std::size_t kWarmUp = 50;

const FixedBytes<32> kSecret{9};

/// The private part of one side.
class Side {
 public:
  Side() : identity_(crypto::Ed25519Key::from_seed(FixedBytes<32>{3})) {
    public_key_ = identity_.public_key();
    signature_ = identity_.sign(text_);
    peer_ = crypto::X25519KeyPair::from_secret(kSecret).public_key;
  }
  void ephemeral() { (void)crypto::X25519KeyPair::generate(random_); }
  void agree(int times) const {
    for (int i = 0; i < times; ++i) {
      if (!crypto::x25519(kSecret, peer_)) die("the floor's key agreement failed");
    }
  }
  void verify() const {
    if (!crypto::ed25519_verify(public_key_, text_, signature_)) die("the floor's proof does not verify");
  }

 private:
  SystemRandom random_;
  crypto::Ed25519Key identity_;
  Bytes text_ = Bytes(56, 1);
  FixedBytes<32> public_key_{};
  FixedBytes<64> signature_{};
  FixedBytes<32> peer_{};
};

}  // namespace

void connect_floor(const Arguments& arguments) {
  const std::size_t count = arguments.number("count");
  Side side;
  const Bytes hello(kHello, 1), proof(kProof, 2), answer(kAnswer, 3);
  const auto serve = [&](int socket) {
    SealedSocket sealed(socket);
    if (sealed.read().size() != kHello) return;
    side.ephemeral();
    side.agree(2);
    if (!sealed.write(proof) || sealed.read().size() != kProof) return;
    side.agree(1);
    side.verify();
    (void)sealed.write(answer);
  };
  run_pair(serve, [&](const Served& served) {
    const ServerWatch watch(served.pid);
    std::vector<double> micros;
    std::int64_t cpu = 0;
    for (std::size_t i = 0; i < count + kWarmUp; ++i) {
      if (i == kWarmUp) cpu = watch.cpu_ns();
      const std::int64_t start = now_ns();
      const int socket = connect_to(served.port);
      SealedSocket sealed(socket);
      side.ephemeral();
      if (!sealed.write(hello) || sealed.read().size() != kProof) die("the floor's handshake ended");
      side.agree(3);
      side.verify();
      if (!sealed.write(proof) || sealed.read().size() != kAnswer) die("the floor's handshake ended");
      if (i >= kWarmUp) micros.push_back(static_cast<double>(now_ns() - start) / 1000);
      close(socket);
    }
    const Summary summary = summarize(micros);
    fmt::print("{{\"p50_us\":{:.1f},\"p99_us\":{:.1f},\"cpu_us\":{:.1f}}}\n", summary.p50, summary.p99,
               static_cast<double>(watch.cpu_ns() - cpu) / 1000 / static_cast<double>(count));
  });
}

}  // namespace libpreconf::bench
