#pragma once
// Fetches from one peer what was promised before this node came (node book, chapter 8 with rows 1, 3, 4 and
// 11 of 8.5). Sans-IO: says what to ask, is told what came.
//
//   AskHead -> AskCommitments (the tip; it must validate and be number H) -> AskCommitments (pages)
//           -> Validate (walk back from the tip by parent hash, a slice at a time; where a parent is missing,
//              again from the highest block below it) -> Done
//      any answer that does not fit ------------------------------------------------> Failed (try another
//      peer)
//
// The boundary is the last block that needs no fetching; the chain begins at the one after it. Owned by
// CatchUpRunner, one object for each attempt.

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "preconf/commitment_validation.h"

namespace libpreconf::preconf {

class TipCatchUp {
 public:
  struct AskHead {};
  struct AskCommitments {
    std::uint64_t start = 0;
    std::uint32_t max_count = 0;
  };
  struct Validate {};  ///< call `validate_slice`, when the loop has time
  struct Done {};      ///< `take_chain`
  struct Failed {
    std::string why;
  };
  using Step = std::variant<AskHead, AskCommitments, Validate, Done, Failed>;
  /// Absent where nobody has recovered it yet.
  using Signer = std::optional<p2p::RecoveredSigner>;
  using Validator = std::move_only_function<ValidationResult(const p2p::SignedCommitment&, const Signer&)>;

  TipCatchUp(std::uint64_t boundary, std::uint32_t page_size, Validator validator);

  [[nodiscard]] const Step& step() const noexcept { return step_; }
  /// Answers to AskHead and AskCommitments; what was not asked for is a failure.
  void on_head(const p2p::PreconfHead& head);
  /// `signers`: empty, or one for each commitment.
  void on_commitments(std::vector<p2p::SignedCommitment> page,
                      std::vector<p2p::RecoveredSigner> signers = {});
  /// The request failed.
  void on_failure(const Error& error);
  void validate_slice();
  /// The missing commitments, validated and linked, ascending, with their markers; empty if none is missing.
  [[nodiscard]] std::vector<StoredCommitment> take_chain() { return std::move(chain_); }

  /// False if the chain ends below a hole, so that another peer may have more.
  [[nodiscard]] bool reached_tip() const noexcept { return first_hole_.empty(); }

  [[nodiscard]] std::uint64_t start() const noexcept { return start_; }
  [[nodiscard]] std::size_t pages() const noexcept { return pages_; }

 private:
  void fail_with(std::string why) { step_ = Failed{std::move(why)}; }
  void on_tip(const std::vector<p2p::SignedCommitment>& page,
              const std::vector<p2p::RecoveredSigner>& signers);
  void on_page(std::vector<p2p::SignedCommitment> page, const std::vector<p2p::RecoveredSigner>& signers);
  [[nodiscard]] bool page_in_order(const std::vector<p2p::SignedCommitment>& page) const;
  void ask_page(std::uint64_t from);
  /// One step down the parent hashes; false if the walk has ended.
  [[nodiscard]] bool walk();
  [[nodiscard]] bool walk_below(std::uint64_t number, std::string why);
  [[nodiscard]] bool take(const p2p::SignedCommitment& commitment, const Signer& signer);
  [[nodiscard]] std::string not_reached() const;
  void finish();

  std::uint64_t start_;
  std::uint32_t page_size_;
  Validator validator_;
  Step step_ = AskHead{};
  bool tip_known_ = false;
  std::uint64_t head_ = 0;
  std::uint64_t cursor_ = 0;
  std::size_t pages_ = 0;
  struct Fetched {
    p2p::SignedCommitment commitment;
    Signer signer;
  };
  std::vector<Fetched> fetched_;
  std::unordered_map<Hash256, std::size_t, FixedBytesHash> index_;  ///< by preconfirmation hash
  std::vector<StoredCommitment> chain_;                             ///< from the tip down
  bool reached_start_ = false;
  std::string first_hole_;  ///< why the walk from the tip did not arrive
};

}  // namespace libpreconf::preconf
