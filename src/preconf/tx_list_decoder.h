#pragma once
// Decodes a transaction list in slices that do not hold the loop: inflate piece by piece, then parse.
// Used once a list: by the submitter, or by a publication that hands its result to the submitter.

#include <memory>
#include <optional>

#include "codec/txlist.h"
#include "libpreconf/preconf/driver_client.h"

namespace libpreconf::preconf {

class TxListDecoder {
 public:
  explicit TxListDecoder(std::shared_ptr<const Bytes> compressed);

  /// One slice; true when the list is decoded. Errors have the texts of node book 10.3.
  [[nodiscard]] Result<bool> step();
  /// After `step` said true.
  [[nodiscard]] std::shared_ptr<const DecodedTransactions> take() { return std::move(decoded_); }

 private:
  [[nodiscard]] Result<bool> inflate();

  std::shared_ptr<const Bytes> compressed_;
  codec::Inflater inflater_;
  std::optional<codec::TxListParser> parser_;  ///< once inflated
  std::shared_ptr<const DecodedTransactions> decoded_;
};

}  // namespace libpreconf::preconf
