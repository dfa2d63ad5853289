#include "sim/trace.h"

#include "libpreconf/base/hex.h"

namespace libpreconf::sim {

std::string time_text(Instant time) {
  const auto count = time.time_since_epoch().count();
  return fmt::format("{}.{:06}", count / 1'000'000, count % 1'000'000);
}

std::string short_hash(const FixedBytes<32>& hash) {
  return to_hex(ByteView(hash).first(4));
}

void Trace::begin_line(Instant now, std::size_t node) {
  const auto count = now.time_since_epoch().count();
  fmt::format_to(std::back_inserter(line_), "{:3}.{:06} ", count / 1'000'000, count % 1'000'000);
  if (node == kNoNode) {
    line_ += "-    ";
  } else {
    fmt::format_to(std::back_inserter(line_), "n{:<4}", node);
  }
}

void Trace::end_line() {
  ++lines_;
  for (const char c : line_) mix(static_cast<unsigned char>(c));
  line_ += '\n';
  if (file_ != nullptr) std::fwrite(line_.data(), 1, line_.size(), file_);
}

}  // namespace libpreconf::sim
