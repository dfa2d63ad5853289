#pragma once
// The execution engine without an EVM (program.md "The in-memory execution engine"): transfers only, state in
// memory, real Ethereum headers and trie roots. For `run` without an L2 engine, for the devnet and for tests.
//
// Holds the last kKeptHeaders headers and the states of the last kKeptStates blocks. One build runs at a
// time, in slices that return to the loop between them; up to kMaxQueuedBuilds wait. Owned by node/ or a
// test; must outlive every handle that it gave out. No callback runs inside a call.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/counters.h"
#include "l2/account_trie.h"
#include "l2/execution_engine.h"

namespace libpreconf::l2 {

class BlockExecution;

struct GenesisAccount {
  Address address{};
  U256 balance;
};

struct InMemoryEngineConfig {
  std::uint64_t chain_id = 167'000;
  /// The balances' sum must fit 256 bits; what does not is left away with a warning.
  std::vector<GenesisAccount> accounts;
};

class InMemoryEngine final : public ExecutionEngine {
 public:
  struct Counters {
    Counter blocks_built = 0;
    Counter blocks_replaced = 0;  ///< dropped because another one was built at or below their height
    Counter builds_refused = 0;
    Counter transactions_included = 0;
    Counter transactions_left_out = 0;
    Counter undecodable_lists = 0;
    Histogram build_duration;  ///< from the start of the first slice to the end of the last
  };

  InMemoryEngine(Reactor& reactor, const InMemoryEngineConfig& config);
  ~InMemoryEngine() override;
  InMemoryEngine(const InMemoryEngine&) = delete;
  InMemoryEngine& operator=(const InMemoryEngine&) = delete;

  [[nodiscard]] Handle build_block(BlockAttributes attributes, OnBuilt on_built) override;
  [[nodiscard]] Handle header_by_number(std::uint64_t number, OnHeader on_header) override;
  [[nodiscard]] Handle head(OnHeader on_header) override;

  // What is held at this moment, for those who share the process with the engine.
  [[nodiscard]] const BlockHeader& head_header() const noexcept;
  [[nodiscard]] const BlockHeader* find_header(std::uint64_t number) const noexcept;
  /// At the head; zero for an account that does not exist.
  [[nodiscard]] Account account(const Address& address) const;
  [[nodiscard]] std::uint64_t chain_id() const noexcept { return chain_id_; }
  [[nodiscard]] std::size_t account_count() const noexcept;
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

 private:
  struct Block {
    BlockHeader header;
    std::optional<AccountTrie> state;  ///< absent once it is older than kKeptStates
  };
  struct Job;
  class JobRegistration;

  void arm();
  void run_slice();
  void start_next_build();
  void finish_build();
  void answer(const std::shared_ptr<Job>& job, Result<BlockHeader> result);
  [[nodiscard]] Result<const Block*> parent_for(const BlockAttributes& attributes) const;
  void append(const BlockExecution& done);

  Reactor& reactor_;
  std::uint64_t chain_id_;
  std::deque<Block> blocks_;  ///< contiguous, never empty
  std::deque<std::shared_ptr<Job>> waiting_;
  std::shared_ptr<Job> running_;
  std::unique_ptr<BlockExecution> execution_;
  Instant build_started_;
  TimerHandle next_slice_;
  Counters counters_;
};

}  // namespace libpreconf::l2
