// The account trie against the root computed from all accounts at once, with versions that branch off.
//
// Input: operations of three bytes: key material, balance, and what to do besides.

#include <cstdlib>
#include <map>

#include "codec/rlp.h"
#include "codec/trie.h"
#include "crypto/hash.h"
#include "l2/account_trie.h"

namespace {

using namespace libpreconf;

struct Version {
  l2::AccountTrie trie;
  std::map<Hash256, l2::Account> accounts;
};

constexpr std::size_t kMaxVersions = 8;
constexpr std::size_t kMaxOperations = 256;

void check(const Version& version) {
  std::vector<std::pair<Bytes, Bytes>> entries;
  for (const auto& [key, account] : version.accounts) {
    codec::RlpBuilder value;
    value.integer(account.nonce);
    value.integer(account.balance);
    value.string(codec::empty_trie_root());
    value.string(crypto::keccak256(ByteView()));
    entries.emplace_back(to_bytes(key), value.finish_list());
    const l2::Account* held = version.trie.find(key);
    if (held == nullptr || *held != account) std::abort();
  }
  if (version.trie.size() != version.accounts.size()) std::abort();
  if (version.trie.root() != codec::trie_root(std::move(entries))) std::abort();
}

/// Crowded on purpose: few different nibbles, at few places.
Hash256 key_from(std::uint8_t byte) {
  Hash256 key{};
  key[(byte & 3) == 3 ? 31 : (byte & 3)] = static_cast<std::uint8_t>(byte & 0x3c);
  key[16] = byte >> 6;
  return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<Version> versions(1);
  for (std::size_t i = 0; i + 3 <= size && i < 3 * kMaxOperations; i += 3) {
    Version& version = versions[data[i + 2] % versions.size()];
    const Hash256 key = key_from(data[i]);
    const l2::Account account{data[i + 1] & 7U, U256(data[i + 1] + 1U)};
    version.trie.set(key, account);
    version.accounts[key] = account;
    const unsigned besides = data[i + 2] >> 6;
    if (besides == 1) static_cast<void>(version.trie.root());
    if (besides == 2) static_cast<void>(version.trie.hash_some(data[i + 2] & 7U));
    if (besides == 3 && versions.size() < kMaxVersions) versions.push_back(Version(version));
  }
  for (const Version& version : versions) check(version);
  return 0;
}
