#include "codec/trie.h"

#include <gtest/gtest.h>

#include <map>

#include "codec/ordered_trie.h"
#include "codec/rlp.h"
#include "codec/txlist.h"
#include "crypto/hash.h"
#include "libpreconf/base/hex.h"
#include "libpreconf/base/random.h"
#include "support/vectors.h"
#include "unit/codec/naive_trie.h"

namespace libpreconf::codec {
namespace {

using test::unhex;

using Texts = std::vector<std::pair<std::string, std::string>>;

std::string root_of_texts(const Texts& texts) {
  std::vector<std::pair<Bytes, Bytes>> entries;
  for (const auto& [key, value] : texts)
    entries.emplace_back(to_bytes(as_bytes(key)), to_bytes(as_bytes(value)));
  return to_hex_digits(trie_root(entries));
}

TEST(Trie, GivenNothing_WhenHashed_ThenTheRootIsThatOfTheEmptyTrie) {
  EXPECT_EQ(to_hex_digits(empty_trie_root()),
            "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
  EXPECT_EQ(trie_root({}), empty_trie_root());
  EXPECT_EQ(ordered_trie_root({}), empty_trie_root());
}

TEST(Trie, GivenTheExamplesOfEthereumsTests_WhenHashed_ThenRootsAreEqual) {
  EXPECT_EQ(root_of_texts({{"A", std::string(50, 'a')}}),
            "d23786fb4a010da3ce639d66d5e904a11dbc02746d1ce25029e53290cabf28ab");
  EXPECT_EQ(root_of_texts({{"doe", "reindeer"}, {"dog", "puppy"}, {"dogglesworth", "cat"}}),
            "8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3");
  EXPECT_EQ(root_of_texts({{"do", "verb"}, {"horse", "stallion"}, {"doge", "coin"}, {"dog", "puppy"}}),
            "5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84");
  EXPECT_EQ(root_of_texts({{"foo", "bar"}, {"food", "bass"}}),
            "17beaa1648bafa633cda809c90c04af50fc8aed3cb40d16efbddee6fdf63c4c3");
  EXPECT_EQ(root_of_texts({{"be", "e"}, {"dog", "puppy"}, {"bed", "d"}}),
            "3f67c7a47520f79faa29255d2d3c084a7a6df0453116ed7232ff10277a8be68b");
  EXPECT_EQ(root_of_texts({{"test", "test"}, {"te", "testy"}}),
            "8452568af70d8d140f58d941338542f645fcca50094b20f3c3d8c3df49337928");
  EXPECT_EQ(
      to_hex_digits(trie_root({{unhex("0045"), unhex("0123456789")}, {unhex("4500"), unhex("9876543210")}})),
      "285505fcabe84badc8aa310e2aae17eddc7d120aabec8a476902c8184b3a3503");
}

TEST(Trie, GivenEntriesInAnyOrder_WhenHashed_ThenTheRootIsTheSameAndEmptyValuesAreAbsent) {
  EXPECT_EQ(root_of_texts({{"dog", "puppy"}, {"doe", "reindeer"}}),
            root_of_texts({{"doe", "reindeer"}, {"dog", "puppy"}, {"gone", ""}}));
  EXPECT_EQ(trie_root({{unhex("01"), {}}}), empty_trie_root());
}

TEST(Trie, GivenTheGoldenGenesisAccounts_WhenTheStateIsHashed_ThenTheStateRootIsGoEthereums) {
  const auto document = test::load_vectors("golden-blocks.json");
  std::vector<std::pair<Bytes, Bytes>> entries;
  std::size_t index = 0;
  json_t* account = nullptr;
  json_array_foreach(test::member(document.get(), "genesisAccounts"), index, account) {
    RlpBuilder value;
    value.integer(0);
    value.integer(U256::parse(test::text_of(account, "balance")).value());
    value.string(empty_trie_root());
    value.string(crypto::keccak256(ByteView{}));
    entries.emplace_back(to_bytes(crypto::keccak256(test::bytes_of(account, "address"))),
                         value.finish_list());
  }
  ASSERT_FALSE(entries.empty());
  EXPECT_EQ(to_bytes(trie_root(entries)),
            test::bytes_of(test::member(document.get(), "genesis"), "stateRoot"));
}

TEST(Trie, GivenTheGoldenBlocks_WhenAllTheirTransactionsExecute_ThenTheTransactionsRootIsGoEthereums) {
  const auto document = test::load_vectors("golden-blocks.json");
  std::size_t compared = 0;
  std::size_t index = 0;
  json_t* block = nullptr;
  json_array_foreach(test::member(document.get(), "blocks"), index, block) {
    const auto list = parse_tx_list(test::bytes_of(test::member(block, "attributes"), "txList"));
    ASSERT_TRUE(list);
    const auto executed = static_cast<std::size_t>(json_integer_value(test::member(block, "transactions")));
    if (executed != list->size()) continue;
    std::vector<Bytes> transactions;
    for (std::size_t i = 0; i < list->size(); ++i) transactions.push_back(to_bytes(list->transaction(i)));
    EXPECT_EQ(to_bytes(ordered_trie_root(transactions)), test::bytes_of(block, "transactionsRoot")) << index;
    ++compared;
  }
  EXPECT_GT(compared, 0U);
}

TEST(Trie, GivenListsOfEachLength_WhenHashed_ThenTheTrieThatGrowsByInsertionAgrees) {
  SeededRandom random(71);
  std::vector<Bytes> values;
  test::NaiveTrie naive;
  // Past 128 and 256 the key's encoding gets one byte longer.
  for (std::size_t i = 0; i < 300; ++i) {
    Bytes value(1 + random.below(60));
    random.fill(value);
    RlpBuilder key;
    key.integer(i);
    naive.insert(key.finish_sequence(), value);
    values.push_back(std::move(value));
    ASSERT_EQ(ordered_trie_root(values), naive.root()) << i;
  }
}

TEST(Trie, GivenAListOfManyLengthsOfKeys_WhenHashedInSlices_ThenTheRootIsThatOfAllAtOnce) {
  SeededRandom random(73);
  std::vector<Bytes> values(70'000);
  for (Bytes& value : values) {
    value.resize(1 + random.below(50));
    random.fill(value);
  }
  for (const std::size_t count :
       {1U, 2U, 127U, 128U, 129U, 255U, 256U, 257U, 65'535U, 65'536U, 65'537U, 70'000U}) {
    std::vector<std::pair<Bytes, Bytes>> entries;
    for (std::size_t i = 0; i < count; ++i) {
      RlpBuilder key;
      key.integer(i);
      entries.emplace_back(key.finish_sequence(), values[i]);
    }
    const std::vector<ByteView> views(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count));
    OrderedTrieRoot sliced(views);
    std::size_t slices = 1;
    while (!sliced.step(100)) ++slices;
    EXPECT_EQ(sliced.root(), trie_root(entries)) << count;
    EXPECT_EQ(slices, (count + 99) / 100);
  }
}

TEST(Trie, GivenAListWithEmptyValues_WhenHashed_ThenTheyAreAbsent) {
  for (const std::size_t only : {0U, 1U, 5U, 200U, 299U}) {
    std::vector<Bytes> values(300);
    values[only] = unhex("0102");
    RlpBuilder key;
    key.integer(only);
    EXPECT_EQ(ordered_trie_root(values), trie_root({{key.finish_sequence(), values[only]}})) << only;
  }
  EXPECT_EQ(ordered_trie_root(std::vector<Bytes>(5)), empty_trie_root());
}

TEST(Trie, GivenRandomKeysThatShareBeginnings_WhenHashed_ThenTheTrieThatGrowsByInsertionAgrees) {
  SeededRandom random(72);
  for (int round = 0; round < 200; ++round) {
    std::map<Bytes, Bytes> entries;
    test::NaiveTrie naive;
    const std::size_t count = 1 + random.below(20);
    for (std::size_t i = 0; i < count; ++i) {
      Bytes key(random.below(5));
      for (std::uint8_t& byte : key) byte = static_cast<std::uint8_t>(random.below(3) * 16 + random.below(3));
      Bytes value(1 + random.below(40));
      random.fill(value);
      naive.insert(key, value);
      entries[key] = value;
    }
    ASSERT_EQ(trie_root({entries.begin(), entries.end()}), naive.root()) << round;
  }
}

}  // namespace
}  // namespace libpreconf::codec
