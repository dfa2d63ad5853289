#pragma once
// RLP, Ethereum's serialisation: a strict reader over views and a builder. Non-canonical lengths, leading
// zeros in lengths and single bytes with a needless header are refused.

#include <cstdint>
#include <span>
#include <vector>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"
#include "libpreconf/base/u256.h"

namespace libpreconf::codec {

struct RlpItem {
  bool is_list = false;
  ByteView payload;  ///< content of the string, or of the list with its items
  ByteView whole;    ///< header and payload
};

/// What stands in front of a payload; `size` is 0 for a single byte that is its own item.
struct RlpHeader {
  bool is_list = false;
  std::size_t size = 0;
  std::size_t payload_size = 0;
};
/// Reads a header and judges its form alone: the payload may be missing.
[[nodiscard]] Result<RlpHeader> read_rlp_header(ByteView input);

/// Reads items one after another from the payload of a list (or from a whole input).
class RlpReader {
 public:
  explicit RlpReader(ByteView input) noexcept : rest_(input) {}
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  [[nodiscard]] ByteView rest() const noexcept { return rest_; }
  [[nodiscard]] Result<RlpItem> item();
  [[nodiscard]] Result<ByteView> string();  ///< an item that must be a string
  [[nodiscard]] Result<RlpReader> list();   ///< an item that must be a list
  [[nodiscard]] Result<U256> integer();     ///< no leading zero bytes, at most 32
  [[nodiscard]] Result<std::uint64_t> integer64();

 private:
  ByteView rest_;
};

/// A first byte and a length of at most eight.
inline constexpr std::size_t kMaxRlpHeader = 9;
/// What stands in front of a list whose items take `payload_size` bytes; how many bytes were written.
std::size_t write_rlp_list_header(std::size_t payload_size,
                                  std::span<std::uint8_t, kMaxRlpHeader> out) noexcept;

/// Builds one RLP list (or a sequence of items).
class RlpBuilder {
 public:
  void string(ByteView value);
  void integer(const U256& value);
  void integer(std::uint64_t value) { integer(U256(value)); }
  /// An item that is encoded already.
  void raw(ByteView encoded);
  /// Everything so far, wrapped as a list. The builder is empty afterwards.
  [[nodiscard]] Bytes finish_list();
  /// Everything so far, in place.
  [[nodiscard]] ByteView payload() const noexcept { return payload_; }
  /// Forgets everything and keeps the memory.
  void clear() noexcept { payload_.clear(); }
  /// Everything so far, as a sequence without a header.
  [[nodiscard]] Bytes finish_sequence();

 private:
  Bytes payload_;
};

[[nodiscard]] Bytes rlp_string(ByteView value);

}  // namespace libpreconf::codec
