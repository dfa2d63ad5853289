// Trie roots: built from all keys at once they are those of the trie that grows by insertion.
#include <map>

#include "codec/ordered_trie.h"
#include "codec/rlp.h"
#include "codec/trie.h"
#include "fuzz/input.h"
#include "unit/codec/naive_trie.h"

using namespace libpreconf;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The naive trie costs a node for each nibble and a copy for each child.
  fuzz::Input input(data, std::min<std::size_t>(size, 2048));
  std::map<Bytes, Bytes> entries;
  std::vector<Bytes> values;
  test::NaiveTrie naive;
  test::NaiveTrie naive_list;
  while (!input.empty()) {
    const std::uint8_t sizes = input.byte();
    const Bytes key = to_bytes(input.take(sizes & 7));
    Bytes value = to_bytes(input.take(static_cast<std::size_t>(sizes >> 3) * 2));
    value.push_back(sizes);
    naive.insert(key, value);
    entries[key] = value;
    codec::RlpBuilder index;
    index.integer(values.size());
    naive_list.insert(index.finish_sequence(), value);
    values.push_back(std::move(value));
  }
  require(codec::trie_root({entries.rbegin(), entries.rend()}) == naive.root());
  require(codec::ordered_trie_root(values) == naive_list.root());
  const std::vector<ByteView> views(values.begin(), values.end());
  codec::OrderedTrieRoot sliced(views);
  while (!sliced.step(1)) {
  }
  require(sliced.root() == naive_list.root());
  return 0;
}
