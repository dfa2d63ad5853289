#include "libp2p/pubsub_message.h"

#include <gtest/gtest.h>

#include "codec/protobuf.h"
#include "gossipsub_network.h"
#include "libp2p/identity.h"
#include "support/vectors.h"

namespace libpreconf::libp2p {
namespace {

using libpreconf::test::bytes_of;
using libpreconf::test::load_vectors;
using libpreconf::test::member;
using libpreconf::test::text_of;
using test::kBlocks;
using test::payload;
using test::test_key;
using test::test_peer;
using test::TestMessage;

/// Seed 11 x 32, the identity of the gossip vectors.
Identity vector_identity() {
  FixedBytes<32> seed;
  seed.fill(0x11);
  return Identity(crypto::Ed25519Key::from_seed(seed));
}

FixedBytes<8> seqno_bytes(std::uint64_t value) {
  FixedBytes<8> out{};
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return out;
}

TEST(PubsubMessage, GivenTheVectors_WhenSignedAndFramed_ThenEveryByteIsEqual) {
  const auto document = load_vectors("p2p-messages.json");
  json_t* messages = member(member(document.get(), "gossipsub"), "messages");
  ASSERT_EQ(json_array_size(messages), 2U);
  const Identity identity = vector_identity();
  for (std::size_t i = 0; i < 2; ++i) {
    json_t* each = json_array_get(messages, i);
    const Bytes data = bytes_of(each, "data");
    const std::string topic = text_of(each, "topic");
    const auto seqno = seqno_bytes(static_cast<std::uint64_t>(json_integer_value(member(each, "seqno"))));
    PubsubMessageView message;
    message.from = identity.peer_id().bytes();
    message.data = ByteView(data);
    message.seqno = ByteView(seqno);
    message.topic = topic;
    EXPECT_EQ(to_bytes(*message.from), bytes_of(each, "from_"));
    Bytes preimage;
    write_signed_bytes(message, preimage);
    EXPECT_EQ(preimage, bytes_of(each, "sign_preimage"));
    const Bytes signature = identity.sign(preimage);
    EXPECT_EQ(signature, bytes_of(each, "signature"));
    message.signature = ByteView(signature);
    const PublishFrame built = make_publish_frame(message);
    EXPECT_EQ(*built.frame, bytes_of(each, "rpc_frame"));
    EXPECT_EQ(to_bytes(built.data), data);
    EXPECT_EQ(built.message_size, bytes_of(each, "message_protobuf").size());
  }
}

TEST(PubsubMessage, GivenTheVectors_WhenReceived_ThenTheSignaturesVerify) {
  const auto document = load_vectors("p2p-messages.json");
  json_t* messages = member(member(document.get(), "gossipsub"), "messages");
  for (std::size_t i = 0; i < json_array_size(messages); ++i) {
    const Bytes encoded = bytes_of(json_array_get(messages, i), "message_protobuf");
    PubsubMessageView message;
    ASSERT_TRUE(parse_pubsub_message(encoded, message));
    PeerId author;
    ASSERT_EQ(check_pubsub_fields(message, author), PubsubFault::none);
    Bytes preimage;
    write_signed_bytes(message, preimage);
    EXPECT_TRUE(verify_signature(pubsub_signing_key(message, author), preimage, *message.signature));
    preimage.back() ^= 1;
    EXPECT_FALSE(verify_signature(pubsub_signing_key(message, author), preimage, *message.signature));
  }
}

TEST(PubsubMessage, GivenASecp256k1Identity_WhenSigned_ThenItsInlinedKeyVerifies) {
  SeededRandom random(5);
  const Identity identity = Identity::generate(KeyType::secp256k1, random);
  TestMessage message(1, kBlocks, payload("secp"));
  message.author = identity.peer_id();
  Bytes preimage;
  write_signed_bytes(message.view(), preimage);
  message.signature = identity.sign(preimage);
  PeerId author;
  const PubsubMessageView view = message.view();
  ASSERT_EQ(check_pubsub_fields(view, author), PubsubFault::none);
  EXPECT_TRUE(verify_signature(pubsub_signing_key(view, author), preimage, *view.signature));
}

TEST(PubsubMessage, attack_C11_GivenEachBreachOfTheSigningPolicy_WhenChecked_ThenItIsNamed) {
  const TestMessage good(1, kBlocks, payload("x"));
  PeerId author;
  EXPECT_EQ(check_pubsub_fields(good.view(), author), PubsubFault::none);
  EXPECT_EQ(author, test_peer(1));

  PubsubMessageView view = good.view();
  view.from.reset();
  EXPECT_EQ(check_pubsub_fields(view, author), PubsubFault::no_author);
  const Bytes rubbish = {1, 2, 3};
  view.from = ByteView(rubbish);
  EXPECT_EQ(check_pubsub_fields(view, author), PubsubFault::no_author);

  view = good.view();
  view.signature.reset();
  EXPECT_EQ(check_pubsub_fields(view, author), PubsubFault::no_signature);

  view = good.view();
  view.seqno.reset();
  EXPECT_EQ(check_pubsub_fields(view, author), PubsubFault::bad_seqno);
  for (const std::size_t size : {0, 7, 8, 9}) {
    const Bytes seqno(size, 1);
    view.seqno = ByteView(seqno);
    EXPECT_EQ(check_pubsub_fields(view, author),
              size == 0 || size == 8 ? PubsubFault::none : PubsubFault::bad_seqno);
  }
}

TEST(PubsubMessage, GivenAKeyField_WhenChecked_ThenItMustBeTheAuthors) {
  const TestMessage good(1, kBlocks, payload("x"));
  PubsubMessageView view = good.view();
  PeerId author;
  const Bytes own = test_key(1);
  view.key = ByteView(own);
  EXPECT_EQ(check_pubsub_fields(view, author), PubsubFault::none);
  EXPECT_EQ(pubsub_signing_key(view, author).data(), own.data());
  const Bytes other = test_key(2);
  view.key = ByteView(other);
  EXPECT_EQ(check_pubsub_fields(view, author), PubsubFault::key_mismatch);
  // One that is no key falls back to the key inside the author's id.
  const Bytes rubbish(36, 7);
  view.key = ByteView(rubbish);
  EXPECT_EQ(check_pubsub_fields(view, author), PubsubFault::none);
  EXPECT_EQ(to_bytes(pubsub_signing_key(view, author)), own);
}

TEST(PubsubMessage, GivenAHashedPeerIdWithoutKey_WhenChecked_ThenThereIsNoKey) {
  Bytes hashed = {0x12, 0x20};
  hashed.resize(34, 9);
  const TestMessage good(1, kBlocks, payload("x"));
  PubsubMessageView view = good.view();
  view.from = ByteView(hashed);
  PeerId author;
  EXPECT_EQ(check_pubsub_fields(view, author), PubsubFault::no_key);
}

TEST(PubsubMessage, GivenFieldsOutOfOrderAndUnknownOnes_WhenParsed_ThenTheSignedBytesAreCanonical) {
  const TestMessage good(1, kBlocks, payload("x"));
  Bytes shuffled;
  codec::ProtobufWriter writer(shuffled);
  writer.bytes(5, good.signature);
  writer.text(4, good.topic);
  writer.text(12, "unknown");
  writer.bytes(3, good.seqno);
  writer.varint(13, 1);
  writer.bytes(2, good.data);
  writer.bytes(1, good.author.bytes());
  PubsubMessageView view;
  ASSERT_TRUE(parse_pubsub_message(shuffled, view));
  Bytes expected, actual;
  write_signed_bytes(good.view(), expected);
  write_signed_bytes(view, actual);
  EXPECT_EQ(actual, expected);
  EXPECT_EQ(*make_publish_frame(view).frame, *make_publish_frame(good.view()).frame);
}

TEST(PubsubMessage, GivenDataThatIsLeftOut_WhenSigned_ThenItDiffersFromEmptyData) {
  PubsubMessageView absent;
  absent.topic = kBlocks;
  PubsubMessageView empty = absent;
  empty.data = ByteView{};
  Bytes a, b;
  write_signed_bytes(absent, a);
  write_signed_bytes(empty, b);
  EXPECT_EQ(b.size(), a.size() + 2);
  EXPECT_TRUE(make_publish_frame(absent).data.empty());
}

}  // namespace
}  // namespace libpreconf::libp2p
