#include "preconf/tx_list_decoder.h"

#include "preconf/limits.h"

namespace libpreconf::preconf {
namespace {

std::unexpected<Error> too_large(std::string_view which, std::size_t actual) {
  return fail(ErrorCode::too_large, std::string(which) +
                                        " txlist exceeds max size: " + std::to_string(actual) + " > " +
                                        std::to_string(codec::kMaxTxListBytes));
}

DecodedTransactions to_decoded(codec::TxList list) {
  DecodedTransactions out;
  out.rlp = std::move(list.rlp);
  out.spans.reserve(list.transactions.size());
  for (const auto& span : list.transactions) out.spans.push_back({.offset = span.offset, .size = span.size});
  return out;
}

}  // namespace

TxListDecoder::TxListDecoder(std::shared_ptr<const Bytes> compressed)
    : compressed_(std::move(compressed)), inflater_(*compressed_, codec::kMaxTxListBytes) {}

Result<bool> TxListDecoder::step() {
  if (!parser_) return inflate();
  PRECONF_TRY(const bool whole, parser_->step(kParseSliceElements));
  if (!whole) return false;
  decoded_ = std::make_shared<const DecodedTransactions>(to_decoded(parser_->take()));
  return true;
}

Result<bool> TxListDecoder::inflate() {
  if (compressed_->size() > codec::kMaxTxListBytes) return too_large("compressed", compressed_->size());
  const auto finished = inflater_.step(kInflateSliceBytes);
  if (!finished && finished.error().code == ErrorCode::too_large) {
    return too_large("decompressed", codec::kMaxTxListBytes + 1);
  }
  if (!finished) return fail(ErrorCode::malformed, "zlib decode failed: " + finished.error().message);
  if (*finished) parser_.emplace(inflater_.take_output());
  return false;
}

}  // namespace libpreconf::preconf
