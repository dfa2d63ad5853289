#pragma once
// Checks the answers to our requests as p2p-wire 9.6 asks a requester to, in slices that do not hold the
// loop.
//
//   page: decode -> count, order, range, slasher, list hash of each -> 16 recoveries a slice
//   list: decode -> hash is the one asked for -> empty: not_found -> Keccak, 256 KiB a slice
//
// Sans-IO and without state beyond one answer. Owned by the exchange that it belongs to.

#include <optional>

#include "crypto/hash.h"
#include "libpreconf/p2p/p2p_service.h"

namespace libpreconf::p2p {

class PageCheck {
 public:
  PageCheck(const Hash256& domain, const std::optional<Address>& slasher, const CommitmentsRequest& request)
      : domain_(domain), slasher_(slasher), request_(request) {}

  /// All checks that cost little. Called once, before `step`.
  [[nodiscard]] Result<> begin(ByteView body);
  /// True when everything is checked.
  [[nodiscard]] Result<bool> step();
  [[nodiscard]] std::size_t recovered() const noexcept { return page_.signers.size(); }
  [[nodiscard]] CommitmentPage take() { return std::move(page_); }

 private:
  Hash256 domain_;
  std::optional<Address> slasher_;
  CommitmentsRequest request_;
  CommitmentPage page_;
};

class ListCheck {
 public:
  explicit ListCheck(const Hash256& hash) : hash_(hash) {}

  /// Takes the body over. not_found: the peer says that it has no such list.
  [[nodiscard]] Result<> begin(Bytes body);
  [[nodiscard]] Result<bool> step();
  [[nodiscard]] std::size_t hashed() const noexcept { return hashed_; }
  [[nodiscard]] RawTxList take();

 private:
  Hash256 hash_;
  Bytes list_;
  crypto::Keccak256 hasher_;
  std::size_t hashed_ = 0;
};

}  // namespace libpreconf::p2p
