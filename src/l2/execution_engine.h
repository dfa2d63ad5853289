#pragma once
// The L2 execution engine as the driver sees it. Two implementations: in memory (program.md "The in-memory
// execution engine") and, later, the Engine API client.

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"
#include "libpreconf/base/u256.h"
#include "libpreconf/reactor/reactor.h"

namespace libpreconf::l2 {

/// What a block is to be built from. Numbers were narrowed and checked before.
struct BlockAttributes {
  std::uint64_t number = 0;
  Hash256 parent_hash{};
  std::uint64_t timestamp = 0;
  std::uint64_t gas_limit = 0;
  std::uint64_t base_fee = 0;
  Address coinbase{};
  Hash256 mix_hash{};
  Bytes extra_data;
  std::shared_ptr<const Bytes> tx_list_rlp;  ///< RLP list, uncompressed
};

/// The part of a header that others need.
struct BlockHeader {
  std::uint64_t number = 0;
  Hash256 hash{};
  Hash256 parent_hash{};
  Hash256 state_root{};
  Hash256 transactions_root{};
  Hash256 receipts_root{};
  std::uint64_t timestamp = 0;
  std::uint64_t gas_limit = 0;
  std::uint64_t gas_used = 0;
  std::uint64_t base_fee = 0;
  Address coinbase{};
  U256 difficulty;
  std::size_t transaction_count = 0;
};

/// Callbacks run once, never inside the call, unless the handle is destroyed first.
class ExecutionEngine {
 public:
  using OnBuilt = std::move_only_function<void(Result<BlockHeader>)>;
  using OnHeader = std::move_only_function<void(Result<BlockHeader>)>;

  virtual ~ExecutionEngine() = default;
  /// Builds the block and makes it the head; blocks above it are dropped. `invalid`: the attributes break a
  /// rule; `not_found`: no such parent; `unavailable`: try later.
  [[nodiscard]] virtual Handle build_block(BlockAttributes attributes, OnBuilt on_built) = 0;
  /// `not_found` above the head.
  [[nodiscard]] virtual Handle header_by_number(std::uint64_t number, OnHeader on_header) = 0;
  [[nodiscard]] virtual Handle head(OnHeader on_header) = 0;
};

}  // namespace libpreconf::l2
