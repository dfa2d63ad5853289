#pragma once
// An in-memory engine on virtual time, and calls that wait for their answer.

#include <gtest/gtest.h>

#include <optional>

#include "codec/rlp.h"
#include "l2/in_memory_engine.h"
#include "l2/payload_attributes.h"
#include "l2/transaction.h"
#include "reactor/simulated.h"

namespace libpreconf::l2 {

inline crypto::Secp256k1Key key_of(std::uint8_t seed) {
  return std::move(crypto::Secp256k1Key::from_bytes(Bytes(32, seed)).value());
}

/// A list as the engine takes it, of typed transactions.
inline std::shared_ptr<const Bytes> list_of(const std::vector<Bytes>& transactions) {
  codec::RlpBuilder builder;
  for (const Bytes& transaction : transactions) builder.string(transaction);
  return std::make_shared<const Bytes>(builder.finish_list());
}

class EngineTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kChainId = 167001;

  explicit EngineTest(
      InMemoryEngineConfig config = {kChainId, {{key_of(1).address(), U256(1'000'000'000'000'000'000)}}})
      : engine_(network_.host("10.0.0.1"), config) {}

  /// Attributes of a child of `parent`, two seconds later, with the funds of nobody touched.
  static BlockAttributes child_of(const BlockHeader& parent,
                                  std::shared_ptr<const Bytes> list = list_of({})) {
    return BlockAttributes{.number = parent.number + 1,
                           .parent_hash = parent.hash,
                           .timestamp = parent.timestamp + 2,
                           .gas_limit = 15'000'000,
                           .base_fee = kFirstBaseFee,
                           .coinbase = Address{0xc0},
                           .mix_hash = mix_hash(parent.difficulty, parent.number + 1),
                           .extra_data = extra_data(0, 1).value(),
                           .tx_list_rlp = std::move(list)};
  }

  Result<BlockHeader> build(BlockAttributes attributes) {
    std::optional<Result<BlockHeader>> answer;
    const Handle handle = engine_.build_block(std::move(attributes),
                                              [&](Result<BlockHeader> built) { answer = std::move(built); });
    EXPECT_FALSE(answer) << "answered inside the call";
    network_.run_until([&] { return answer.has_value(); }, std::chrono::seconds(10));
    return answer ? std::move(*answer) : Result<BlockHeader>(fail(ErrorCode::timed_out, "no answer"));
  }

  Result<BlockHeader> header(std::uint64_t number) {
    std::optional<Result<BlockHeader>> answer;
    const Handle handle =
        engine_.header_by_number(number, [&](Result<BlockHeader> found) { answer = std::move(found); });
    EXPECT_FALSE(answer) << "answered inside the call";
    network_.run_until([&] { return answer.has_value(); }, std::chrono::seconds(10));
    return answer ? std::move(*answer) : Result<BlockHeader>(fail(ErrorCode::timed_out, "no answer"));
  }

  static Bytes transfer(std::uint64_t nonce, std::uint64_t value = 1, std::uint64_t fee_cap = 1'000'000'000) {
    return sign_transfer(Transfer{kChainId, nonce, 0, fee_cap, 21'000, Address{0xaa}, U256(value)},
                         key_of(1));
  }

  SimulatedNetwork network_{1};
  InMemoryEngine engine_;
};

}  // namespace libpreconf::l2
