// A sealed round trip with what a signed gossip message each way costs the server: one verify, one sign.

#include <fmt/core.h>

#include "common/server_watch.h"
#include "common/statistics.h"
#include "crypto/ed25519.h"
#include "floor/floors.h"
#include "floor/pair.h"
#include "floor/sealed.h"

namespace libpreconf::bench {
namespace {

/// A gossip message of 382 bytes with its fields; the signature comes last.
constexpr std::size_t kMessage = 570;
constexpr std::size_t kSignature = 64;
constexpr std::size_t kWarmUp = 300;

}  // namespace

void echo_floor(const Arguments& arguments) {
  const std::size_t count = arguments.number("count");
  const auto key = crypto::Ed25519Key::from_seed(FixedBytes<32>{3});
  const FixedBytes<32> public_key = key.public_key();
  const auto serve = [&](int socket) {
    SealedSocket sealed(socket);
    for (;;) {
      const ByteView message = sealed.read();
      if (message.size() != kMessage) return;
      const ByteView text = message.first(kMessage - kSignature);
      if (!crypto::ed25519_verify(public_key, text, message.last(kSignature))) return;
      Bytes answer(text.begin(), text.end());
      const FixedBytes<64> signature = key.sign(answer);
      answer.insert(answer.end(), signature.begin(), signature.end());
      if (!sealed.write(answer)) return;
    }
  };
  run_pair(serve, [&](const Served& served) {
    SealedSocket sealed(connect_to(served.port));
    Bytes message(kMessage - kSignature, 5);
    const FixedBytes<64> signature = key.sign(message);
    message.insert(message.end(), signature.begin(), signature.end());
    std::vector<double> micros;
    for (std::size_t i = 0; i < count + kWarmUp; ++i) {
      const std::int64_t start = now_ns();
      if (!sealed.write(message) || sealed.read().size() != kMessage) die("the floor's echo is missing");
      if (i >= kWarmUp) micros.push_back(static_cast<double>(now_ns() - start) / 1000);
    }
    const Summary summary = summarize(micros);
    fmt::print("{{\"p50_us\":{:.1f},\"p99_us\":{:.1f}}}\n", summary.p50, summary.p99);
  });
}

}  // namespace libpreconf::bench
