#include "libp2p/identity.h"

#include <gtest/gtest.h>

#include "support/vectors.h"

namespace libpreconf::libp2p {
namespace {

using test::bytes_of;
using test::member;
using test::text_of;
using test::unhex;

Bytes joined(std::initializer_list<Bytes> pieces) {
  Bytes out;
  for (const Bytes& piece : pieces) out.insert(out.end(), piece.begin(), piece.end());
  return out;
}

/// The PrivateKey protobuf of a vector identity.
Bytes private_key_of(json_t* identity) {
  if (text_of(identity, "type") == "ed25519") {
    return joined({unhex("08011240"), bytes_of(identity, "seed"), bytes_of(identity, "public_key")});
  }
  return joined({unhex("08021220"), bytes_of(identity, "private_key")});
}

TEST(Identity, GivenTheVectorsKeys_WhenRead_ThenPublicKeyAndPeerIdAreTheVectors) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* const identities = member(document.get(), "identity");
  for (std::size_t i = 0; i < json_array_size(identities); ++i) {
    json_t* const expected = json_array_get(identities, i);
    const Bytes secret = private_key_of(expected);
    const Identity identity = Identity::from_private_key_protobuf(secret).value();
    EXPECT_EQ(identity.type() == KeyType::ed25519, text_of(expected, "type") == "ed25519");
    EXPECT_EQ(to_bytes(identity.public_key_protobuf()), bytes_of(expected, "public_key_protobuf"));
    EXPECT_EQ(identity.peer_id().to_string(), text_of(expected, "peer_id_base58"));
    EXPECT_EQ(identity.private_key_protobuf(), secret);
    EXPECT_EQ(identity.clone().private_key_protobuf(), secret);
  }
}

TEST(Identity, GivenEitherKeyType_WhenSigned_ThenOnlyThatMessageAndKeyVerify) {
  SeededRandom random(1);
  for (const KeyType type : {KeyType::ed25519, KeyType::secp256k1}) {
    const Identity signer = Identity::generate(type, random);
    const Identity other = Identity::generate(type, random);
    const Bytes signature = signer.sign(as_bytes("a message"));
    EXPECT_TRUE(verify_signature(signer.public_key_protobuf(), as_bytes("a message"), signature));
    EXPECT_FALSE(verify_signature(signer.public_key_protobuf(), as_bytes("another"), signature));
    EXPECT_FALSE(verify_signature(other.public_key_protobuf(), as_bytes("a message"), signature));
    EXPECT_FALSE(verify_signature(signer.public_key_protobuf(), as_bytes("a message"), {}));
    Bytes broken = signature;
    broken[10] ^= 1;
    EXPECT_FALSE(verify_signature(signer.public_key_protobuf(), as_bytes("a message"), broken));
  }
}

TEST(Identity, GivenKeysOfOtherTypes_WhenRead_ThenTheyAreUnsupported) {
  EXPECT_EQ(decode_public_key(joined({unhex("08001220"), Bytes(32, 1)})).error().code,
            ErrorCode::unsupported);
  EXPECT_EQ(decode_public_key(joined({unhex("08031220"), Bytes(32, 1)})).error().code,
            ErrorCode::unsupported);
  // A 16,384-bit RSA key is refused by its length, before anything is parsed.
  EXPECT_EQ(decode_public_key(joined({unhex("0800128210"), Bytes(2050, 1)})).error().code,
            ErrorCode::unsupported);
  EXPECT_FALSE(Identity::from_private_key_protobuf(joined({unhex("08001220"), Bytes(32, 1)})).has_value());
}

TEST(Identity, GivenMalformedPublicKeys_WhenRead_ThenTheyAreRefused) {
  const Bytes good = joined({unhex("08011220"), Bytes(32, 1)});
  ASSERT_TRUE(decode_public_key(good).has_value());
  EXPECT_FALSE(decode_public_key({}).has_value());
  EXPECT_FALSE(decode_public_key(ByteView(good).first(good.size() - 1)).has_value());
  EXPECT_FALSE(decode_public_key(joined({good, unhex("0801")})).has_value()) << "a field twice";
  EXPECT_FALSE(decode_public_key(joined({good, unhex("1800")})).has_value()) << "a field too many";
  EXPECT_FALSE(decode_public_key(joined({unhex("0801121f"), Bytes(31, 1)})).has_value());
  EXPECT_FALSE(decode_public_key(joined({unhex("08021221"), Bytes(33, 0xff)})).has_value()) << "no point";
}

TEST(Identity, GivenPrivateKeysThatDoNotFit_WhenRead_ThenTheErrorSaysWhy) {
  EXPECT_EQ(Identity::from_private_key_protobuf(joined({unhex("08021220"), Bytes(32, 0)})).error().code,
            ErrorCode::invalid);
  EXPECT_FALSE(Identity::from_private_key_protobuf(joined({unhex("08011240"), Bytes(64, 1)})).has_value())
      << "the public half is not the seed's";
  EXPECT_EQ(Identity::from_private_key_protobuf(joined({unhex("08011220"), Bytes(32, 1)})).error().code,
            ErrorCode::malformed);
}

}  // namespace
}  // namespace libpreconf::libp2p
