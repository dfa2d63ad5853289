#include "codec/txlist.h"

#include "base/check.h"
#include "codec/rlp.h"

namespace libpreconf::codec {
namespace {

constexpr std::uint8_t kFirstListByte = 0xc0;

std::unexpected<Error> over_limit(std::string_view which, std::size_t actual, std::size_t max) {
  return fail(ErrorCode::too_large, std::string(which) + " txlist exceeds max size: " +
                                        std::to_string(actual) + " > " + std::to_string(max));
}

std::unexpected<Error> rlp_failed(std::string_view reason) {
  return fail(ErrorCode::malformed, "rlp decode failed: " + std::string(reason));
}

// A string element's content, a list element's whole encoding, as a place inside `list`.
Result<TxList::Span> take_element(ByteView list, std::size_t& at) {
  const auto header = read_rlp_header(list.subspan(at));
  if (!header) return rlp_failed(header.error().message);
  if (header->payload_size > list.size() - at - header->size) {
    return rlp_failed("transaction element overruns list payload");
  }
  const std::size_t whole = header->size + header->payload_size;
  const std::size_t skipped = header->is_list ? 0 : header->size;
  const TxList::Span span{.offset = static_cast<std::uint32_t>(at + skipped),
                          .size = static_cast<std::uint32_t>(whole - skipped)};
  at += whole;
  return span;
}

bool is_whole_list(ByteView transaction) {
  const auto found = RlpReader(transaction).item();
  return found && found->is_list && found->whole.size() == transaction.size();
}

}  // namespace

Result<> TxListParser::begin() {
  Bytes& rlp = list_.rlp;
  const auto header = read_rlp_header(rlp);
  if (!header) return rlp_failed(header.error().message);
  if (!header->is_list) return rlp_failed("expected an RLP list of transactions");
  if (header->payload_size > rlp.size() - header->size)
    return rlp_failed("transaction list payload truncated");
  const std::size_t whole = header->size + header->payload_size;
  if (whole > kMaxTxListBytes) return over_limit("decompressed", whole, kMaxTxListBytes);
  rlp.resize(whole);
  at_ = header->size;
  return {};
}

Result<bool> TxListParser::step(std::size_t budget) {
  if (at_ == 0) PRECONF_CHECK_OK(begin());
  for (; budget > 0 && at_ < list_.rlp.size(); --budget) {
    if (list_.transactions.size() == kMaxTxListTransactions) {
      return fail(ErrorCode::too_large,
                  "txlist has more than " + std::to_string(kMaxTxListTransactions) + " transactions");
    }
    PRECONF_TRY(const TxList::Span span, take_element(list_.rlp, at_));
    list_.transactions.push_back(span);
  }
  return at_ == list_.rlp.size();
}

Result<TxList> parse_tx_list(Bytes rlp) {
  TxListParser parser(std::move(rlp));
  PRECONF_TRY(const bool whole, parser.step(kMaxTxListTransactions + 1));
  if (PRECONF_BUG(!whole)) return fail(ErrorCode::internal, "txlist is not at its end");
  return parser.take();
}

Result<TxList> decode_tx_list(ByteView compressed, std::size_t max) {
  if (compressed.size() > max) return over_limit("compressed", compressed.size(), max);
  auto rlp = zlib_decompress(compressed, max);
  if (!rlp && rlp.error().code == ErrorCode::too_large) return over_limit("decompressed", max + 1, max);
  if (!rlp) return fail(ErrorCode::malformed, "zlib decode failed: " + rlp.error().message);
  return parse_tx_list(*std::move(rlp));
}

Result<Bytes> join_tx_list(const std::vector<Bytes>& transactions) {
  RlpBuilder builder;
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    const Bytes& transaction = transactions[i];
    if (transaction.empty()) {
      return fail(ErrorCode::malformed, "transaction " + std::to_string(i) + " of the txlist is empty");
    }
    if (transaction[0] < kFirstListByte) {
      builder.string(transaction);
    } else if (is_whole_list(transaction)) {
      builder.raw(transaction);
    } else {
      return fail(ErrorCode::malformed,
                  "transaction " + std::to_string(i) + " of the txlist is not one complete RLP list");
    }
  }
  return builder.finish_list();
}

Result<Bytes> encode_tx_list(const std::vector<Bytes>& transactions, std::size_t max) {
  PRECONF_TRY(const Bytes rlp, join_tx_list(transactions));
  auto compressed = zlib_compress(rlp);
  if (!compressed) return fail(ErrorCode::internal, "zlib encode failed: " + compressed.error().message);
  if (compressed->size() > max) return over_limit("compressed", compressed->size(), max);
  // Nobody could decode it: the limit holds on both sides of the compression.
  if (rlp.size() > max) return over_limit("decompressed", rlp.size(), max);
  return compressed;
}

}  // namespace libpreconf::codec
