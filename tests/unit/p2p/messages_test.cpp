#include "libpreconf/p2p/messages.h"

#include <gtest/gtest.h>

#include "crypto/secp256k1.h"
#include "message_vectors.h"
#include "p2p/commitment_view.h"
#include "p2p/signing.h"
#include "p2p/topics.h"

namespace libpreconf::p2p {
namespace {

using namespace libpreconf::p2p::test;

template <class T>
Bytes owned(const T& bytes) {
  return to_bytes(ByteView(bytes));
}

TEST(SigningDomain, GivenNoConfiguration_ThenItIsThePlaceholderText) {
  const auto vectors = load_vectors("p2p-messages.json");
  EXPECT_EQ(owned(placeholder_domain()), bytes_of(vectors.get(), "domain"));
}

class SignedCommitmentVectors : public testing::Test {
 protected:
  libpreconf::test::JsonDocument vectors_ = load_vectors("p2p-messages.json");
  json_t* samples_ = member(vectors_.get(), "signed_commitments");
};

TEST_F(SignedCommitmentVectors, GivenTheFields_WhenEncoded_ThenEveryLevelIsByteEqual) {
  ASSERT_EQ(json_array_size(samples_), 4u);
  for (std::size_t i = 0; i < json_array_size(samples_); ++i) {
    json_t* sample = json_array_get(samples_, i);
    SCOPED_TRACE(text_of(sample, "name"));
    const PreconfCommitment commitment = commitment_of(sample);
    EXPECT_EQ(owned(encode(commitment.preconf)), bytes_of(sample, "ssz_preconfirmation"));
    EXPECT_EQ(owned(encode(commitment)), bytes_of(sample, "ssz_commitment"));
    const SignedCommitment signed_commitment{commitment, fixed_of<65>(sample, "signature")};
    EXPECT_EQ(owned(encode(signed_commitment)), bytes_of(sample, "ssz_signed_commitment"));
  }
}

TEST_F(SignedCommitmentVectors, GivenTheBytes_WhenDecoded_ThenTheFieldsAreThoseOfTheSample) {
  for (std::size_t i = 0; i < json_array_size(samples_); ++i) {
    json_t* sample = json_array_get(samples_, i);
    SCOPED_TRACE(text_of(sample, "name"));
    const auto decoded = decode_signed_commitment(bytes_of(sample, "ssz_signed_commitment"));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(decoded->commitment, commitment_of(sample));
    EXPECT_EQ(decoded->signature, fixed_of<65>(sample, "signature"));
    EXPECT_EQ(decoded->preconf().is_eop_only(), text_of(sample, "name") == "eop_only");
  }
}

TEST_F(SignedCommitmentVectors, GivenTheBytes_WhenReadInPlace_ThenTheViewAgreesWithTheValue) {
  for (std::size_t i = 0; i < json_array_size(samples_); ++i) {
    json_t* sample = json_array_get(samples_, i);
    SCOPED_TRACE(text_of(sample, "name"));
    const Bytes ssz = bytes_of(sample, "ssz_signed_commitment");
    const auto view = CommitmentView::of(ssz);
    ASSERT_TRUE(view.has_value());
    const Preconfirmation expected = commitment_of(sample).preconf;
    EXPECT_EQ(view->eop(), expected.eop);
    EXPECT_EQ(view->block_number(), expected.block_number);
    EXPECT_EQ(view->timestamp(), expected.timestamp);
    EXPECT_EQ(view->submission_window_end(), expected.submission_window_end);
    EXPECT_EQ(view->has_zero_list_hash(), expected.raw_tx_list_hash == Hash256{});
    EXPECT_EQ(view->signing_digest(placeholder_domain()), fixed_of<32>(sample, "signing_digest"));
    EXPECT_EQ(owned(view->slasher_address()), bytes_of(sample, "slasherAddress"));
  }
}

TEST_F(SignedCommitmentVectors, GivenTheKey_WhenSigned_ThenHashesSignatureAndSignerAreEqual) {
  const Hash256 domain = fixed_of<32>(vectors_.get(), "domain");
  for (std::size_t i = 0; i < json_array_size(samples_); ++i) {
    json_t* sample = json_array_get(samples_, i);
    SCOPED_TRACE(text_of(sample, "name"));
    const PreconfCommitment commitment = commitment_of(sample);
    EXPECT_EQ(preconfirmation_hash(commitment.preconf), fixed_of<32>(sample, "preconfirmation_hash"));
    EXPECT_EQ(signing_digest(domain, commitment), fixed_of<32>(sample, "signing_digest"));
    const auto key = crypto::Secp256k1Key::from_bytes(bytes_of(sample, "privateKey"));
    ASSERT_TRUE(key.has_value());
    const SignedCommitment signed_commitment = sign_commitment(*key, domain, commitment);
    EXPECT_EQ(signed_commitment.signature, fixed_of<65>(sample, "signature"));
    const auto signer = recover_signer(domain, signed_commitment);
    ASSERT_TRUE(signer);
    EXPECT_EQ(signer->address, fixed_of<20>(sample, "signer"));
    EXPECT_EQ(signer->digest, signing_digest(domain, signed_commitment.commitment));
  }
}

TEST(SignatureEdgeCases, GivenEachSignature_WhenRecovered_ThenTheResultIsThatOfTheVectors) {
  const auto vectors = load_vectors("p2p-messages.json");
  json_t* cases = member(vectors.get(), "signature_edge_cases");
  ASSERT_EQ(json_array_size(cases), 8u);
  for (std::size_t i = 0; i < json_array_size(cases); ++i) {
    json_t* edge = json_array_get(cases, i);
    SCOPED_TRACE(text_of(edge, "name"));
    const auto recovered = crypto::recover_address(fixed_of<32>(edge, "digest"), bytes_of(edge, "signature"));
    if (json_is_null(member(edge, "result"))) {
      EXPECT_FALSE(recovered.has_value());
    } else {
      EXPECT_EQ(recovered, fixed_of<20>(edge, "result"));
    }
  }
}

TEST(RawTxListVector, GivenTheList_WhenEncodedAndDecoded_ThenHashAndBytesAreKept) {
  const auto vectors = load_vectors("p2p-messages.json");
  json_t* sample = member(vectors.get(), "raw_txlist");
  const Bytes compressed = bytes_of(sample, "txlist");
  const Hash256 hash = fixed_of<32>(sample, "rawTxListHash");
  EXPECT_EQ(tx_list_hash(compressed), hash);
  const RawTxList list{hash, std::make_shared<const Bytes>(compressed)};
  EXPECT_EQ(encode(list), bytes_of(sample, "ssz_gossip"));
  const auto decoded = decode_raw_tx_list(bytes_of(sample, "ssz_gossip"));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->hash, hash);
  EXPECT_EQ(owned(decoded->bytes()), compressed);
}

/// Runs `check(case, ssz, valid)` for each case of one kind of request or response.
template <class Check>
void for_each_reqresp(const char* kind, Check check) {
  const auto vectors = load_vectors("p2p-messages.json");
  json_t* cases = member(member(vectors.get(), "reqresp"), kind);
  ASSERT_GT(json_array_size(cases), 0u);
  for (std::size_t i = 0; i < json_array_size(cases); ++i) {
    json_t* one = json_array_get(cases, i);
    SCOPED_TRACE(text_of(one, "name"));
    check(one, bytes_of(one, "ssz"), json_is_true(member(one, "valid")));
  }
}

TEST(RequestResponseVectors, GivenHeadRequests_ThenTheEmptyBodyIsTakenAsWell) {
  for_each_reqresp("get_head_request", [](json_t* one, const Bytes& ssz, bool valid) {
    // A reading of the specification without a body is the one liberty we take (p2p-wire 9.5).
    const bool expected = valid || text_of(one, "name") == "spec_empty_body";
    EXPECT_EQ(decode_head_request(ssz).has_value(), expected);
    if (valid) {
      EXPECT_EQ(owned(encode_head_request()), ssz);
    }
  });
}

TEST(RequestResponseVectors, GivenHeads_ThenVerdictsAndValuesAreEqual) {
  for_each_reqresp("get_head_response", [](json_t* one, const Bytes& ssz, bool valid) {
    const auto decoded = decode_preconf_head(ssz);
    ASSERT_EQ(decoded.has_value(), valid);
    if (!valid) return;
    EXPECT_EQ(decoded->block_number, number_of(member(one, "decoded"), "blockNumber"));
    EXPECT_EQ(decoded->submission_window_end, number_of(member(one, "decoded"), "submissionWindowEnd"));
    EXPECT_EQ(owned(encode(*decoded)), ssz);
  });
}

TEST(RequestResponseVectors, GivenCommitmentsRequests_ThenVerdictsAndValuesAreEqual) {
  for_each_reqresp("get_commitments_request", [](json_t* one, const Bytes& ssz, bool valid) {
    const auto decoded = decode_commitments_request(ssz);
    ASSERT_EQ(decoded.has_value(), valid);
    if (!valid) return;
    EXPECT_EQ(decoded->start_block_number, number_of(member(one, "decoded"), "startBlockNumber"));
    EXPECT_EQ(U256(decoded->max_count), number_of(member(one, "decoded"), "maxCount"));
    EXPECT_EQ(owned(encode(*decoded)), ssz);
  });
}

TEST(RequestResponseVectors, GivenCommitmentsResponses_ThenVerdictsAndValuesAreEqual) {
  for_each_reqresp("get_commitments_response", [](json_t* one, const Bytes& ssz, bool valid) {
    const auto decoded = decode_commitments_response(ssz);
    ASSERT_EQ(decoded.has_value(), valid);
    if (!valid) return;
    EXPECT_EQ(U256(decoded->size()), number_of(member(one, "decoded"), "count"));
    EXPECT_EQ(encode_commitments_response(*decoded), ssz);
  });
}

TEST(RequestResponseVectors, GivenTxListRequests_ThenVerdictsAndValuesAreEqual) {
  for_each_reqresp("get_raw_txlist_request", [](json_t* one, const Bytes& ssz, bool valid) {
    const auto decoded = decode_raw_tx_list_request(ssz);
    ASSERT_EQ(decoded.has_value(), valid);
    if (valid) {
      EXPECT_EQ(*decoded, fixed_of<32>(member(one, "decoded"), "rawTxListHash"));
    }
  });
}

TEST(RequestResponseVectors, GivenTxListResponses_ThenVerdictsAreEqual) {
  for_each_reqresp("get_raw_txlist_response", [](json_t* one, const Bytes& ssz, bool valid) {
    const auto decoded = decode_raw_tx_list(ssz);
    ASSERT_EQ(decoded.has_value(), valid);
    if (!valid) return;
    EXPECT_EQ(encode(*decoded), ssz);
    EXPECT_EQ(decoded->bytes().empty(), text_of(one, "name") == "not_found");
    EXPECT_EQ(tx_list_hash(decoded->bytes()) == decoded->hash, text_of(one, "name") == "found");
  });
}

TEST(GossipSszInvalid, GivenEachPayload_ThenItDoesNotDecode) {
  const auto vectors = load_vectors("p2p-messages.json");
  json_t* cases = member(vectors.get(), "gossip_ssz_invalid");
  ASSERT_EQ(json_array_size(cases), 6u);
  for (std::size_t i = 0; i < json_array_size(cases); ++i) {
    json_t* one = json_array_get(cases, i);
    SCOPED_TRACE(text_of(one, "name"));
    const Bytes ssz = bytes_of(one, "ssz");
    if (text_of(one, "kind") == "SignedCommitment") {
      EXPECT_FALSE(decode_signed_commitment(ssz).has_value());
      EXPECT_FALSE(CommitmentView::of(ssz).has_value());
    } else {
      EXPECT_FALSE(decode_raw_tx_list(ssz).has_value());
    }
  }
}

TEST(RawTxListBounds, GivenOneByteOverTwoMebibytes_ThenItIsTooLarge) {
  Bytes ssz(36 + kMaxTxListBytes);
  ssz[32] = 36;
  EXPECT_TRUE(decode_raw_tx_list(ssz).has_value());
  ssz.push_back(0);
  const auto over = decode_raw_tx_list(ssz);
  ASSERT_FALSE(over.has_value());
  EXPECT_EQ(over.error().code, ErrorCode::too_large);
}

TEST(CommitmentsResponseBounds, GivenOneOver256Commitments_ThenItIsTooLarge) {
  Bytes ssz(4 + 256 * kSignedCommitmentSize);
  ssz[0] = 4;
  EXPECT_TRUE(decode_commitments_response(ssz).has_value());
  ssz.resize(ssz.size() + kSignedCommitmentSize);
  const auto over = decode_commitments_response(ssz);
  ASSERT_FALSE(over.has_value());
  EXPECT_EQ(over.error().code, ErrorCode::too_large);
}

TEST(CommitmentsResponseBounds, GivenLessThanAnOffset_ThenItIsMalformed) {
  EXPECT_FALSE(decode_commitments_response({}).has_value());
  EXPECT_FALSE(decode_commitments_response(Bytes{4, 0, 0}).has_value());
}

TEST(NetworkNames, GivenAChain_ThenTopicsAndProtocolsCarryItInDecimal) {
  const NetworkNames names(167000);
  EXPECT_EQ(names.topic(Topic::commitments), "/taiko/167000/0/preconfirmationCommitments");
  EXPECT_EQ(names.topic(Topic::raw_tx_lists), "/taiko/167000/0/rawTxLists");
  EXPECT_EQ(names.protocol(RequestKind::head), "/taiko/167000/preconf/1/get_head");
  EXPECT_EQ(names.protocol(RequestKind::commitments), "/taiko/167000/preconf/1/get_commitments_by_number");
  EXPECT_EQ(names.protocol(RequestKind::raw_tx_list), "/taiko/167000/preconf/1/get_raw_txlist");
}

TEST(NetworkNames, GivenNamesOfAnotherChain_ThenTheyAreUnknown) {
  const NetworkNames names(167000);
  const NetworkNames others(167001);
  EXPECT_EQ(names.find_topic(names.topic(Topic::raw_tx_lists)), Topic::raw_tx_lists);
  EXPECT_FALSE(names.find_topic(others.topic(Topic::raw_tx_lists)).has_value());
  EXPECT_FALSE(names.find_topic("/taiko/167000/0/preconfBlocks").has_value());
  EXPECT_EQ(names.find_protocol(names.protocol(RequestKind::head)), RequestKind::head);
  EXPECT_FALSE(names.find_protocol(others.protocol(RequestKind::head)).has_value());
}

}  // namespace
}  // namespace libpreconf::p2p
