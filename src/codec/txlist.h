#pragma once
// Taiko's transaction lists: zlib of an RLP list (node book, chapter 10). Typed transactions are byte strings
// inside the list, legacy ones stand as the RLP lists that they are.

#include <vector>

#include "codec/zlib.h"
#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"

namespace libpreconf::codec {

/// Compressed and decompressed cap, node book 2.3.
inline constexpr std::size_t kMaxTxListBytes = 2'097'152;

/// A transaction has two signature words of 32 bytes, so a list of kMaxTxListBytes cannot hold more; the
/// bound keeps 2 MiB of one-byte elements from costing eight times that in spans.
inline constexpr std::size_t kMaxTxListTransactions = kMaxTxListBytes / 32;

/// A decoded list. `rlp` is what the engine gets, unchanged; `transactions` are its elements: content of a
/// string element (type || payload), the whole encoding of a list element.
struct TxList {
  Bytes rlp;
  /// Offset and size inside `rlp`, so that the list costs no second copy.
  struct Span {
    std::uint32_t offset;
    std::uint32_t size;
  };
  std::vector<Span> transactions;

  [[nodiscard]] std::size_t size() const noexcept { return transactions.size(); }
  [[nodiscard]] ByteView transaction(std::size_t index) const noexcept {
    return ByteView(rlp).subspan(transactions[index].offset, transactions[index].size);
  }
};

/// Errors as in node book 10.3, with its texts.
[[nodiscard]] Result<TxList> decode_tx_list(ByteView compressed, std::size_t max = kMaxTxListBytes);
/// The second half of decoding, for a list that was inflated in slices. Bytes after the list are dropped.
[[nodiscard]] Result<TxList> parse_tx_list(Bytes rlp);

/// The same in slices: a list of 2 MiB may have 65,536 elements.
class TxListParser {
 public:
  explicit TxListParser(Bytes rlp) { list_.rlp = std::move(rlp); }
  /// Looks at up to `budget` more elements; true when the list is whole.
  [[nodiscard]] Result<bool> step(std::size_t budget);
  [[nodiscard]] TxList take() { return std::move(list_); }

 private:
  [[nodiscard]] Result<> begin();

  TxList list_;
  std::size_t at_ = 0;  ///< behind the elements that were looked at; 0: the list's header comes next
};
/// The RLP list of raw transactions (first byte >= 0xc0: legacy, kept verbatim). One that is empty or no
/// complete RLP list where it claims to be a legacy one: malformed.
[[nodiscard]] Result<Bytes> join_tx_list(const std::vector<Bytes>& transactions);
/// `join_tx_list`, compressed.
[[nodiscard]] Result<Bytes> encode_tx_list(const std::vector<Bytes>& transactions,
                                           std::size_t max = kMaxTxListBytes);

}  // namespace libpreconf::codec
