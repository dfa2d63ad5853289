#pragma once
// The elected side: makes the promise for the next block and publishes it.
//
//   idle --promise_block--> picking, compressing in slices --> signing --> publishing --> idle
//   idle --promise_marker------------------------------------> signing --> publishing --> idle
//
// A promise is a commitment that names its parent's preconfirmation hash, and a transaction list. Whoever
// owns the preconfer says when, on what parent and in what window; storing, executing and gossiping is the
// publisher's, which for a node of ours is PreconfirmationClient::publish_block. Owned by the devnet.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "codec/zlib.h"
#include "crypto/secp256k1.h"
#include "libpreconf/preconf/commitment_store.h"
#include "libpreconf/reactor/reactor.h"
#include "preconfer/transaction_pool.h"

namespace libpreconf::preconfer {

struct PreconferConfig {
  std::uint64_t chain_id = 167000;
  Hash256 signing_domain = p2p::placeholder_domain();
  Address slasher{};
  Address coinbase{};
  Address prover_auth{};
  std::uint64_t gas_limit = 15'000'000;
};

/// When and for which window.
struct Slot {
  std::uint64_t timestamp = 0;
  std::uint64_t window_end = 0;
  /// The last promise of the window: the hand-over rides on it.
  bool end_of_preconf = false;
  std::uint64_t anchor_block_number = 0;  ///< L1
  std::uint64_t proposal_id = 0;
};

/// What the next promise stands on.
struct Parent {
  std::uint64_t block_number = 0;
  /// Of the block's commitment, or of the last marker after it; zero on genesis.
  Hash256 preconfirmation_hash{};
  /// Base fee of the block to come.
  std::uint64_t next_base_fee = 0;
};

/// The hash that the next commitment after block `head` has to name: that of the commitment which `head` was
/// made from, or of the last of the markers that follow it in a chain.
[[nodiscard]] Hash256 parent_link(const preconf::CommitmentStore& store, std::uint64_t head);

struct Promise {
  p2p::SignedCommitment commitment;
  Bytes commitment_ssz;
  /// Null in a marker.
  std::shared_ptr<const Bytes> tx_list;
  std::size_t transactions = 0;

  [[nodiscard]] const p2p::Preconfirmation& preconf() const noexcept { return commitment.preconf(); }
};

class Preconfer {
 public:
  struct Counters {
    std::uint64_t blocks = 0;
    std::uint64_t markers = 0;
    std::uint64_t failures = 0;
  };
  using OnPublished = std::move_only_function<void(Result<>)>;
  /// Stores, executes and gossips; calls back once, never inside the call.
  using Publish = std::move_only_function<Handle(const Promise&, OnPublished)>;
  using OnDone = std::move_only_function<void(Result<Promise>)>;

  /// `reactor` and `pool` must outlive the preconfer. `publish` is given blocks and markers alike.
  Preconfer(Reactor& reactor, TransactionPool& pool, crypto::Secp256k1Key key, PreconferConfig config,
            Publish publish);

  /// One promise at a time: `conflict` while one is under way. `on_done` runs once, never inside the call,
  /// with the promise when it is published. Destroying the preconfer drops both.
  Result<> promise_block(const Parent& parent, const Slot& slot, OnDone on_done);
  Result<> promise_marker(const Parent& parent, const Slot& slot, OnDone on_done);

  [[nodiscard]] bool busy() const noexcept { return draft_.has_value(); }
  [[nodiscard]] Address address() const noexcept { return key_.address(); }
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

 private:
  struct Draft {
    p2p::PreconfCommitment commitment;
    Bytes rlp;
    std::optional<codec::Deflater> deflater;  ///< reads `rlp`
    Promise promise;
    OnDone on_done;
  };

  [[nodiscard]] Result<> begin(const Parent& parent, const Slot& slot, OnDone on_done);
  void pick(std::uint64_t base_fee);
  void compress_some();
  void sign_and_publish();
  void finish(Result<> result);

  Reactor& reactor_;
  TransactionPool& pool_;
  crypto::Secp256k1Key key_;
  PreconferConfig config_;
  Publish publish_;
  std::optional<Draft> draft_;
  Handle step_;  ///< the next slice, or the publication
  Counters counters_;
};

}  // namespace libpreconf::preconfer
