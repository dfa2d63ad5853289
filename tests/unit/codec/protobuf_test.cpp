#include "codec/protobuf.h"

#include <gtest/gtest.h>

#include "support/vectors.h"

namespace libpreconf::codec {
namespace {

using test::unhex;

bool is_refused(std::string_view hex) {
  const Bytes message = unhex(hex);
  ProtobufReader reader{ByteView(message)};
  ProtobufField field;
  while (reader.next(field)) {
  }
  return reader.failed();
}

TEST(Protobuf, GivenThePublicKeysOfTheVectors_WhenWrittenAndRead_ThenTheyAreEqual) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* identities = test::member(document.get(), "identity");
  std::size_t index = 0;
  json_t* one = nullptr;
  json_array_foreach(identities, index, one) {
    const Bytes key = test::bytes_of(one, "public_key");
    const Bytes expected = test::bytes_of(one, "public_key_protobuf");
    const std::uint64_t type = test::text_of(one, "type") == "ed25519" ? 1 : 2;
    Bytes written;
    ProtobufWriter writer(written);
    writer.varint(1, type);
    writer.bytes(2, key);
    EXPECT_EQ(written, expected);
    EXPECT_EQ(protobuf_varint_size(1, type) + protobuf_bytes_size(2, key.size()), expected.size());

    ProtobufReader reader(expected);
    ProtobufField field;
    ASSERT_TRUE(reader.next(field));
    EXPECT_EQ(field.number, 1U);
    EXPECT_EQ(field.type, WireType::varint);
    EXPECT_EQ(field.integer, type);
    ASSERT_TRUE(reader.next(field));
    EXPECT_EQ(field.number, 2U);
    EXPECT_EQ(field.type, WireType::length_delimited);
    EXPECT_TRUE(equal(field.bytes, key));
    EXPECT_FALSE(reader.next(field));
    EXPECT_FALSE(reader.failed());
  }
}

TEST(Protobuf, GivenEveryWireType_WhenRead_ThenValuesAreLittleEndian) {
  const Bytes message = unhex(
      "0d01020304"
      "110102030405060708"
      "1a03616263"
      "209601");
  ProtobufReader reader{ByteView(message)};
  ProtobufField field;
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.type, WireType::fixed32);
  EXPECT_EQ(field.integer, 0x04030201U);
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.type, WireType::fixed64);
  EXPECT_EQ(field.integer, 0x0807060504030201U);
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(as_text(field.bytes), "abc");
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.number, 4U);
  EXPECT_EQ(field.integer, 150U);
  EXPECT_FALSE(reader.next(field));
  EXPECT_FALSE(reader.failed());
}

TEST(Protobuf, GivenAnEmptyMessage_WhenRead_ThenItEndsWithoutAFault) {
  ProtobufReader reader{ByteView{}};
  ProtobufField field;
  EXPECT_FALSE(reader.next(field));
  EXPECT_FALSE(reader.failed());
}

TEST(Protobuf, GivenBrokenMessages_WhenRead_ThenTheyAreRefused) {
  EXPECT_TRUE(is_refused("08"));                        // no value
  EXPECT_TRUE(is_refused("0a05616263"));                // shorter than its length
  EXPECT_TRUE(is_refused("0affffffffffffffffff01"));    // a length of 2^64 - 1
  EXPECT_TRUE(is_refused("09010203"));                  // fixed64 of three bytes
  EXPECT_TRUE(is_refused("0d010203"));                  // fixed32 of three bytes
  EXPECT_TRUE(is_refused("0b0c"));                      // a group
  EXPECT_TRUE(is_refused("0e"));                        // wire type 6
  EXPECT_TRUE(is_refused("0001"));                      // field number 0
  EXPECT_TRUE(is_refused("808080808001"));              // a tag over 32 bits
  EXPECT_TRUE(is_refused("08ffffffffffffffffffff01"));  // a varint of eleven bytes
}

TEST(Protobuf, GivenAFault_WhenAskedAgain_ThenItStaysFailed) {
  const Bytes message = unhex("0b0801");
  ProtobufReader reader{ByteView(message)};
  ProtobufField field;
  EXPECT_FALSE(reader.next(field));
  EXPECT_FALSE(reader.next(field));
  EXPECT_TRUE(reader.failed());
}

TEST(Protobuf, GivenAHeader_WhenTheContentIsAppendedByTheCaller_ThenItIsTheSameField) {
  Bytes by_parts;
  ProtobufWriter(by_parts).header(5, 3);
  by_parts.insert(by_parts.end(), {'a', 'b', 'c'});
  Bytes at_once;
  ProtobufWriter(at_once).text(5, "abc");
  EXPECT_EQ(by_parts, at_once);
}

}  // namespace
}  // namespace libpreconf::codec
