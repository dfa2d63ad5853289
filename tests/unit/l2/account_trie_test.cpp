#include "l2/account_trie.h"

#include <gtest/gtest.h>

#include <map>

#include "codec/rlp.h"
#include "codec/trie.h"
#include "crypto/hash.h"
#include "libpreconf/base/random.h"

namespace libpreconf::l2 {
namespace {

using Accounts = std::map<Hash256, Account>;

/// The same root, computed from all accounts at once.
Hash256 root_at_once(const Accounts& accounts) {
  std::vector<std::pair<Bytes, Bytes>> entries;
  for (const auto& [key, account] : accounts) {
    codec::RlpBuilder value;
    value.integer(account.nonce);
    value.integer(account.balance);
    value.string(codec::empty_trie_root());
    value.string(crypto::keccak256(ByteView()));
    entries.emplace_back(to_bytes(key), value.finish_list());
  }
  return codec::trie_root(std::move(entries));
}

/// Keys that share long prefixes, so that extensions and deep branches occur.
Hash256 crowded_key(Random& random) {
  Hash256 key{};
  key[random.below(4)] = static_cast<std::uint8_t>(random.below(3));
  key[31] = static_cast<std::uint8_t>(random.below(8));
  return key;
}

TEST(AccountTrie, GivenNoAccounts_WhenTheRootIsAsked_ThenItIsTheEmptyTries) {
  EXPECT_EQ(AccountTrie().root(), codec::empty_trie_root());
  EXPECT_TRUE(AccountTrie().hash_some(0));
}

TEST(AccountTrie, GivenRandomChanges_WhenTheRootIsAsked_ThenItIsThatOfAllAccountsAtOnce) {
  SeededRandom random(1);
  AccountTrie trie;
  Accounts accounts;
  for (int i = 0; i < 600; ++i) {
    Hash256 key{};
    if (random.below(2) == 0) {
      random.fill(key);
    } else {
      key = crowded_key(random);
    }
    const Account account{random.below(300), U256(random.next_u64())};
    trie.set(key, account);
    accounts[key] = account;
    if (i % 7 == 0) {
      ASSERT_EQ(trie.root(), root_at_once(accounts)) << i;
    }
  }
  EXPECT_EQ(trie.size(), accounts.size());
  for (const auto& [key, account] : accounts) {
    ASSERT_NE(trie.find(key), nullptr);
    EXPECT_EQ(*trie.find(key), account);
  }
  EXPECT_EQ(trie.find(Hash256{0xee, 0xee}), nullptr);
}

TEST(AccountTrie, GivenOlderVersions_WhenTheNewestChanges_ThenTheyStayAsTheyWere) {
  SeededRandom random(2);
  std::vector<std::pair<AccountTrie, Accounts>> versions(1);
  for (int block = 0; block < 40; ++block) {
    auto [trie, accounts] = versions[random.below(versions.size())];
    for (int i = 0; i < 10; ++i) {
      const Hash256 key = crowded_key(random);
      const Account account{random.below(9), U256(random.below(1000) + 1)};
      trie.set(key, account);
      accounts[key] = account;
    }
    // Some versions are hashed at once, some late, some by halves.
    if (block % 3 == 0) static_cast<void>(trie.root());
    if (block % 3 == 1) static_cast<void>(trie.hash_some(3));
    versions.emplace_back(std::move(trie), std::move(accounts));
  }
  for (const auto& [trie, accounts] : versions) {
    EXPECT_EQ(trie.root(), root_at_once(accounts));
    EXPECT_EQ(trie.size(), accounts.size());
  }
}

TEST(AccountTrie, GivenABudget_WhenHashedInSteps_ThenItEndsWithTheSameRoot) {
  SeededRandom random(3);
  AccountTrie trie;
  for (int i = 0; i < 200; ++i) {
    Hash256 key{};
    random.fill(key);
    trie.set(key, Account{1, U256(1)});
  }
  AccountTrie same;  // an independent tree with equal content
  random = SeededRandom(3);
  for (int i = 0; i < 200; ++i) {
    Hash256 key{};
    random.fill(key);
    same.set(key, Account{1, U256(1)});
  }
  int steps = 1;
  while (!trie.hash_some(10)) ++steps;
  EXPECT_GE(steps, 20);
  EXPECT_EQ(trie.root(), same.root());
}

TEST(AccountTrie, GivenTheLargestBalance_WhenHashed_ThenTheRootIsThatOfAllAtOnce) {
  AccountTrie trie;
  const Account account{~std::uint64_t{0}, U256::max()};
  trie.set(Hash256{}, account);
  EXPECT_EQ(trie.root(), root_at_once({{Hash256{}, account}}));
}

}  // namespace
}  // namespace libpreconf::l2
