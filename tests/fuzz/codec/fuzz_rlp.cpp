// RLP: it is canonical, so whatever reads is what the builder writes, at every level.
#include "codec/rlp.h"
#include "fuzz/input.h"

using namespace libpreconf;
using fuzz::require;

namespace {

constexpr int kMaxDepth = 16;

void check_item(const codec::RlpItem& item, int depth);

void check_items(ByteView payload, int depth) {
  codec::RlpReader reader(payload);
  while (!reader.at_end()) {
    const auto item = reader.item();
    if (!item) return;
    check_item(*item, depth);
  }
}

void check_integer(ByteView whole) {
  const auto value = codec::RlpReader(whole).integer();
  if (!value) return;
  codec::RlpBuilder builder;
  builder.integer(*value);
  require(equal(builder.finish_sequence(), whole));
  require(codec::RlpReader(whole).integer64().has_value() == value->fits_u64());
}

void check_item(const codec::RlpItem& item, int depth) {
  if (!item.is_list) {
    require(equal(codec::rlp_string(item.payload), item.whole));
    return check_integer(item.whole);
  }
  codec::RlpBuilder builder;
  builder.raw(item.payload);
  require(equal(builder.finish_list(), item.whole));
  require(codec::RlpReader(item.whole).integer().has_value() == false);
  if (depth < kMaxDepth) check_items(item.payload, depth + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  check_items(input, 0);
  codec::RlpBuilder builder;
  builder.string(input);
  builder.integer(size);
  const Bytes list = builder.finish_list();
  auto reader = codec::RlpReader{ByteView(list)}.list();
  require(reader.has_value());
  require(equal(reader->string().value(), input));
  require(reader->integer64().value() == size && reader->at_end());
  return 0;
}
