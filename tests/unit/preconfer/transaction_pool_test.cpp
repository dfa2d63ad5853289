#include "preconfer/transaction_pool.h"

#include <gtest/gtest.h>

#include <map>

#include "codec/rlp.h"
#include "preconfer/limits.h"

namespace libpreconf::preconfer {
namespace {

constexpr std::uint64_t kChainId = 167001;
constexpr std::uint64_t kBaseFee = 1000;
constexpr std::uint64_t kBlockGas = 15'000'000;
constexpr std::size_t kListBytes = 1 << 20;
constexpr std::size_t kCount = 10'000;

crypto::Secp256k1Key key_of(std::size_t seed) {
  Bytes secret(32, 1);
  secret[0] = static_cast<std::uint8_t>(seed);
  secret[1] = static_cast<std::uint8_t>(seed >> 8);
  return std::move(crypto::Secp256k1Key::from_bytes(secret).value());
}

class TransactionPoolTest : public testing::Test {
 protected:
  TransactionPoolTest() : pool_(kChainId, [this](const Address& address) { return account(address); }) {}

  l2::Account account(const Address& address) {
    const auto found = accounts_.find(address);
    return found != accounts_.end() ? found->second : l2::Account{0, U256(1'000'000'000'000'000)};
  }
  static l2::Transfer transfer(std::uint64_t nonce, std::uint64_t tip = 1, std::uint64_t cap = 2000) {
    return {kChainId, nonce, tip, cap, 21'000, Address{0xaa}, U256(1)};
  }
  Result<Hash256> add(std::size_t key, const l2::Transfer& what) {
    return pool_.add(sign_transfer(what, key_of(key)));
  }
  /// Nonces of what a block would hold, with who sent each.
  std::vector<std::pair<Address, std::uint64_t>> picked(std::uint64_t gas = kBlockGas,
                                                        std::size_t bytes = kListBytes,
                                                        std::size_t count = kCount) {
    std::vector<std::pair<Address, std::uint64_t>> out;
    for (const Bytes& raw : pool_.pick(kBaseFee, gas, bytes, count)) {
      const auto transaction = l2::decode_transaction(raw).value();
      out.emplace_back(transaction.sender().value(), transaction.nonce);
    }
    return out;
  }

  std::map<Address, l2::Account> accounts_;
  TransactionPool pool_;
};

using Picked = std::vector<std::pair<Address, std::uint64_t>>;

TEST_F(TransactionPoolTest, GivenNoncesOutOfOrder_WhenPicked_ThenTheyComeInOrderUpToTheGap) {
  for (const std::uint64_t nonce : {2, 0, 1, 4}) ASSERT_TRUE(add(1, transfer(nonce)));
  const Address sender = key_of(1).address();
  EXPECT_EQ(picked(), (Picked{{sender, 0}, {sender, 1}, {sender, 2}}));
  EXPECT_EQ(pool_.next_nonce(sender), 3U);
  ASSERT_TRUE(add(1, transfer(3)));
  EXPECT_EQ(picked().size(), 5U);
}

TEST_F(TransactionPoolTest, GivenSeveralSenders_WhenPicked_ThenTheBestPayerComesFirstAndThenTheEarlier) {
  ASSERT_TRUE(add(1, transfer(0, 5)));
  ASSERT_TRUE(add(2, transfer(0, 5)));
  ASSERT_TRUE(add(3, transfer(0, 7)));
  EXPECT_EQ(picked(), (Picked{{key_of(3).address(), 0}, {key_of(1).address(), 0}, {key_of(2).address(), 0}}));
}

TEST_F(TransactionPoolTest, GivenAFeeCapUnderTheBaseFee_WhenPicked_ThenItWaitsAndWhatFollowsToo) {
  ASSERT_TRUE(add(1, transfer(0, 1, kBaseFee - 1)));
  ASSERT_TRUE(add(1, transfer(1)));
  EXPECT_TRUE(picked().empty());
}

TEST_F(TransactionPoolTest, GivenLimits_WhenPicked_ThenTheListStaysWithinThem) {
  for (std::uint64_t nonce = 0; nonce < 10; ++nonce) ASSERT_TRUE(add(1, transfer(nonce)));
  EXPECT_EQ(picked(3 * 21'000 + 20'999).size(), 3U);
  EXPECT_EQ(picked(kBlockGas, kListBytes, 4).size(), 4U);
  const std::size_t one = sign_transfer(transfer(0), key_of(1)).size() + kTransactionHeaderBytes;
  EXPECT_EQ(picked(kBlockGas, 2 * one).size(), 2U);
  EXPECT_EQ(picked(kBlockGas, one - 1).size(), 0U);
}

TEST_F(TransactionPoolTest, GivenWhatCanNeverRun_WhenAdded_ThenInvalid) {
  l2::Transfer wrong_chain = transfer(0);
  wrong_chain.chain_id = 1;
  l2::Transfer little_gas = transfer(0);
  little_gas.gas_limit = 20'999;
  l2::Transfer too_dear = transfer(0);
  too_dear.value = U256::max();
  for (const l2::Transfer& bad :
       {wrong_chain, little_gas, too_dear, transfer(0, /*tip=*/3000, /*cap=*/2000)}) {
    EXPECT_EQ(add(1, bad).error().code, ErrorCode::invalid);
  }
  accounts_[key_of(1).address()] = l2::Account{5, U256(1'000'000'000'000'000)};
  EXPECT_EQ(add(1, transfer(4)).error().code, ErrorCode::invalid);
  EXPECT_TRUE(add(1, transfer(5)));
  EXPECT_EQ(pool_.counters().refused, 5U);
  EXPECT_EQ(pool_.size(), 1U);
}

TEST_F(TransactionPoolTest, GivenWhatIsNoTransaction_WhenAdded_ThenTheErrorSaysWhy) {
  EXPECT_EQ(pool_.add(ByteView()).error().code, ErrorCode::malformed);
  EXPECT_EQ(pool_.add(Bytes(kMaxPoolTransactionBytes + 1)).error().code, ErrorCode::too_large);
  codec::RlpBuilder blob;
  Bytes raw = blob.finish_list();
  raw.insert(raw.begin(), 3);
  EXPECT_EQ(pool_.add(raw).error().code, ErrorCode::unsupported);
  Bytes creation;
  {
    codec::RlpBuilder fields;
    for (int i = 0; i < 6; ++i) fields.string(ByteView());
    fields.integer(std::uint64_t{27});
    fields.integer(std::uint64_t{1});
    fields.integer(std::uint64_t{1});
    creation = fields.finish_list();
  }
  EXPECT_EQ(pool_.add(creation).error().code, ErrorCode::invalid);
}

TEST_F(TransactionPoolTest, GivenASignatureThatDoesNotRecover_WhenAdded_ThenBadSignature) {
  codec::RlpBuilder fields;
  fields.integer(std::uint64_t{0});
  fields.integer(std::uint64_t{2000});
  fields.integer(std::uint64_t{21'000});
  fields.string(Address{0xaa});
  fields.integer(std::uint64_t{1});
  fields.string(ByteView());
  fields.integer(std::uint64_t{27});
  fields.integer(std::uint64_t{0});
  fields.integer(std::uint64_t{0});
  EXPECT_EQ(pool_.add(fields.finish_list()).error().code, ErrorCode::bad_signature);
}

TEST_F(TransactionPoolTest, GivenTheSameNonce_WhenItPaysTenPercentMore_ThenItReplaces) {
  const auto first = add(1, transfer(0, 100, 2000));
  EXPECT_EQ(add(1, transfer(0, 100, 2000)).error().code, ErrorCode::conflict);
  EXPECT_EQ(add(1, transfer(0, 110, 2199)).error().code, ErrorCode::conflict);
  EXPECT_EQ(add(1, transfer(0, 109, 2200)).error().code, ErrorCode::conflict);
  const auto second = add(1, transfer(0, 110, 2200));
  ASSERT_TRUE(second);
  EXPECT_NE(*first, *second);
  EXPECT_EQ(pool_.size(), 1U);
  EXPECT_EQ(pool_.counters().replaced, 1U);
}

TEST_F(TransactionPoolTest, GivenANewHead_WhenItPassedSomeNonces_ThenThoseLeave) {
  for (std::uint64_t nonce = 0; nonce < 5; ++nonce) ASSERT_TRUE(add(1, transfer(nonce)));
  const Address sender = key_of(1).address();
  accounts_[sender] = l2::Account{3, U256(1'000'000'000'000'000)};
  pool_.head_changed();
  EXPECT_EQ(pool_.size(), 2U);
  EXPECT_EQ(picked(), (Picked{{sender, 3}, {sender, 4}}));
  accounts_[sender].nonce = 9;
  pool_.head_changed();
  EXPECT_EQ(pool_.size(), 0U);
  EXPECT_EQ(pool_.bytes(), 0U);
}

TEST_F(TransactionPoolTest, GivenOneAccountsShare_WhenItIsUsedUp_ThenLimit) {
  EXPECT_EQ(add(1, transfer(kMaxTransactionsPerAccount)).error().code, ErrorCode::limit);
  EXPECT_TRUE(add(1, transfer(kMaxTransactionsPerAccount - 1)));
}

TEST_F(TransactionPoolTest, GivenAFullPool_WhenOneMoreComes_ThenLimitButAReplacementFits) {
  for (std::size_t i = 0; i < kMaxPoolTransactions; ++i) {
    ASSERT_TRUE(add(1 + i / kMaxTransactionsPerAccount, transfer(i % kMaxTransactionsPerAccount, 100)));
  }
  EXPECT_EQ(add(200, transfer(0)).error().code, ErrorCode::limit);
  EXPECT_TRUE(add(1, transfer(0, 110, 2200)));
  EXPECT_EQ(pool_.size(), kMaxPoolTransactions);
}

}  // namespace
}  // namespace libpreconf::preconfer
