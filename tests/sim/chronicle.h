#pragma once
// What the preconfers promised, and what became of it: the simulation's own knowledge, against which the
// nodes are judged. Also the L1 of the simulation: the chain of honest promises, some blocks later.

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

#include "l2/execution_engine.h"
#include "libpreconf/p2p/messages.h"
#include "preconfer/preconfer.h"

namespace libpreconf::sim {

/// A promise that was signed by a preconfer's key, honest or not.
struct PromisedBlock {
  p2p::SignedCommitment commitment;
  Hash256 hash{};
  std::shared_ptr<const Bytes> tx_list;  ///< compressed; null in a marker
  bool honest = true;
  /// As the first node built it; the list as the engine takes it.
  std::optional<l2::BlockHeader> header;
  std::shared_ptr<const Bytes> list_rlp;

  [[nodiscard]] std::uint64_t number() const { return commitment.preconf().block_number.limbs()[0]; }
  [[nodiscard]] const Hash256& list_hash() const { return commitment.preconf().raw_tx_list_hash; }
};

class Chronicle {
 public:
  /// An honest promise extends the chain; a block takes its height, a marker only changes the link.
  void promised(const preconfer::Promise& promise);
  /// A promise that nobody should build on.
  void promised_dishonestly(const p2p::SignedCommitment& commitment, std::shared_ptr<const Bytes> tx_list);

  [[nodiscard]] const PromisedBlock* find(const Hash256& preconfirmation_hash) const;
  [[nodiscard]] PromisedBlock* find(const Hash256& preconfirmation_hash);
  /// The promise of the block to which a link leads: a promise's hash, or that of a marker behind it.
  [[nodiscard]] const PromisedBlock* block_of(const Hash256& link) const;
  /// The chain's block at this height; null above its tip.
  [[nodiscard]] const PromisedBlock* canonical(std::uint64_t number) const;

  [[nodiscard]] std::uint64_t tip() const noexcept { return tip_; }
  /// What the next promise has to name.
  [[nodiscard]] const Hash256& link() const noexcept { return link_; }
  /// The promises above this block are lost: nobody has them. What L1 confirmed stays. `link` is what the
  /// next promise names if it leads to that block.
  void fall_back_to(std::uint64_t number, const Hash256& link);
  /// Some of them came back with their node, which has this block: the chain goes on to it again. False if
  /// other promises have taken their place.
  bool resume_to(const Hash256& block_hash);
  /// L1 takes this block in the place of the chain's, and the chain ends with it. False if no promise made
  /// it, or it stands elsewhere.
  bool side_with(const Hash256& block_hash);

  /// L1 follows the chain of blocks that somebody built.
  void confirm_up_to(std::uint64_t number);
  [[nodiscard]] std::uint64_t confirmed() const noexcept { return confirmed_; }

 private:
  [[nodiscard]] const PromisedBlock* made(const Hash256& block_hash) const;

  std::unordered_map<Hash256, PromisedBlock, FixedBytesHash> promises_;
  std::map<std::uint64_t, Hash256> chain_;
  std::uint64_t tip_ = 0;
  Hash256 link_{};
  std::uint64_t confirmed_ = 0;
};

}  // namespace libpreconf::sim
