// 24 connections: three foreign libraries, two key types on either side, either side dialing. On each one,
// everything that two members of the network do with each other.

#include <gtest/gtest.h>

#include "interop/foreign_peer.h"
#include "interop/promised_chain.h"
#include "libpreconf/base/hex.h"
#include "process/preconfd_process.h"

namespace libpreconf::test {
namespace {

constexpr std::size_t kMebibyte = 1 << 20;

struct ConnectionCase {
  PeerKind kind;
  std::string peer_key;
  std::string node_key;
  bool peer_dials;
};

std::string name_of(const testing::TestParamInfo<ConnectionCase>& info) {
  const ConnectionCase& c = info.param;
  return c.kind + "_" + c.peer_key + (c.peer_dials ? "_dials_node_" : "_is_dialed_by_node_") + c.node_key;
}

std::vector<ConnectionCase> every_case() {
  std::vector<ConnectionCase> out;
  for (const char* kind : {"js", "rust", "go"}) {
    for (const char* peer_key : {"ed25519", "secp256k1"}) {
      for (const char* node_key : {"ed25519", "secp256k1"}) {
        for (const bool peer_dials : {true, false}) out.push_back({kind, peer_key, node_key, peer_dials});
      }
    }
  }
  return out;
}

std::string json_text(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

/// A foreign peer that holds the first blocks of a chain, and a node that knows nothing yet.
class Connection : public testing::TestWithParam<ConnectionCase> {
 protected:
  void start_peer(std::uint16_t port) {
    peer_ = std::make_unique<ForeignPeer>(ForeignPeer::Options{
        GetParam().kind, "connection", GetParam().peer_key, port, {"--head", "0", "--window-end", "0"}});
  }

  /// Puts every block so far into the peer's store, and its head with them.
  void fill_peer() {
    for (const PromisedBlock& block : blocks_) {
      peer_->keep("txlists", block.list_ssz);
      peer_->keep("commitments", block.commitment_ssz);
    }
    peer_->command("set", "\"head\":" + json_text(std::to_string(blocks_.size())));
  }

  void start_node() {
    PreconfdProcess::Options options;
    options.key_type = GetParam().node_key;
    options.expected_signer = chain_.signer();
    if (!GetParam().peer_dials) options.static_peers = {peer_->multiaddr()};
    node_ = std::make_unique<PreconfdProcess>(std::move(options));
  }

  void connect() {
    if (GetParam().peer_dials) peer_->dial(node_->multiaddr());
    node_->wait_for_peers(1);
  }

  const PromisedBlock& add_block(std::size_t list_size) {
    return blocks_.emplace_back(chain_.next(list_size));
  }

  void expect_identify(std::size_t from);
  void expect_requests_from_node();
  void expect_gossip_to_node(std::size_t list_size);
  void expect_gossip_from_node(std::size_t list_size);
  void expect_answers_from_node();

  PromisedChain chain_;
  std::vector<PromisedBlock> blocks_;
  std::unique_ptr<ForeignPeer> peer_;
  std::unique_ptr<PreconfdProcess> node_;
};

void Connection::expect_identify(std::size_t from) {
  const JsonValue identify = peer_->wait_event(
      "identify", [&](const JsonValue& event) { return event["peer"].text() == node_->peer_id(); }, from);
  EXPECT_EQ(identify["protocol"].text(), "preconf-p2p/0.1");
  EXPECT_TRUE(identify["agent"].text().starts_with("preconfd/")) << identify.dump();
  for (const char* protocol :
       {"/ipfs/ping/1.0.0", "/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/meshsub/1.2.0", "/meshsub/1.1.0",
        "/meshsub/1.0.0", "/taiko/167001/preconf/1/get_head",
        "/taiko/167001/preconf/1/get_commitments_by_number", "/taiko/167001/preconf/1/get_raw_txlist"}) {
    EXPECT_TRUE(identify["protocols"].contains_text(protocol)) << protocol;
  }
}

/// The node has asked the peer on each of the three protocols and built what it was told.
void Connection::expect_requests_from_node() {
  for (const char* name : {"get_head", "get_commitments_by_number", "get_raw_txlist"}) {
    const std::string protocol = "/taiko/167001/preconf/1/" + std::string(name);
    peer_->wait_event("request", [&](const JsonValue& event) {
      return event["proto"].text() == protocol && event["peer"].text() == node_->peer_id();
    });
  }
  node_->wait_for_tip(blocks_.size());
}

void Connection::expect_gossip_to_node(std::size_t list_size) {
  const PromisedBlock& block = add_block(list_size);
  const JsonValue list = peer_->publish("txlists", block.list_ssz);
  EXPECT_TRUE(list["recipients"].contains_text(node_->peer_id())) << list.dump();
  peer_->publish("commitments", block.commitment_ssz);
  node_->wait_for_tip(blocks_.size());
}

void Connection::expect_gossip_from_node(std::size_t list_size) {
  const PromisedBlock& block = add_block(list_size);
  const JsonValue list =
      node_->call("preconf_publishTxList", "[{\"txListHash\":" + json_text(to_hex(block.list.hash)) +
                                               ",\"txList\":" + json_text(to_hex(block.list.bytes())) + "}]");
  EXPECT_EQ(list["txListHash"].text(), to_hex(block.list.hash));
  const JsonValue commitment = node_->call(
      "preconf_publishCommitment", "[{\"commitment\":" + json_text(to_hex(block.commitment_ssz)) + "}]");
  EXPECT_EQ(commitment["txListHash"].text(), to_hex(block.list.hash));

  const JsonValue heard_list = peer_->wait_gossip(block.list_ssz, node_->peer_id());
  EXPECT_EQ(heard_list["size"].integer(), static_cast<std::int64_t>(block.list_ssz.size()));
  EXPECT_EQ(heard_list["signed"].text(), "signed");
  const JsonValue heard = peer_->wait_gossip(block.commitment_ssz, node_->peer_id());
  EXPECT_EQ(heard["size"].integer(), 382);
  EXPECT_EQ(heard["signed"].text(), "signed");
  node_->wait_for_tip(blocks_.size());
}

void Connection::expect_answers_from_node() {
  const std::string& node = node_->peer_id();
  const p2p::Preconfirmation& last = blocks_.back().commitment.preconf();
  EXPECT_EQ(p2p::decode_preconf_head(peer_->request_head(node)).value(),
            (p2p::PreconfHead{last.block_number, last.submission_window_end}));

  Bytes page{4, 0, 0, 0};
  for (const PromisedBlock& block : blocks_) {
    page.insert(page.end(), block.commitment_ssz.begin(), block.commitment_ssz.end());
  }
  EXPECT_EQ(peer_->request_commitments(node, 1, 256), page);
  EXPECT_EQ(peer_->request_tx_list(node, blocks_.back().list.hash), blocks_.back().list_ssz);

  Hash256 nobody{};
  nobody.fill(0xee);
  Bytes not_found(nobody.begin(), nobody.end());
  not_found.insert(not_found.end(), {36, 0, 0, 0});
  EXPECT_EQ(peer_->request_tx_list(node, nobody), not_found);
}

TEST_P(Connection, GivenAPeerWithBlocks_WhenConnected_ThenBothDoAllThatMembersDoAndFindEachOtherAgain) {
  add_block(200);
  add_block(200);
  start_peer(0);
  fill_peer();
  start_node();
  connect();
  expect_identify(0);
  expect_requests_from_node();
  peer_->command("ping", "\"addr\":" + json_text(node_->peer_id()));
  peer_->wait_for_mesh(node_->peer_id());
  expect_gossip_to_node(kMebibyte);
  expect_gossip_from_node(kMebibyte);
  expect_answers_from_node();

  // The peer dies and comes back as itself.
  peer_->kill_now();
  node_->wait_for_peers(0);
  start_peer(port_of(peer_->multiaddr()));
  connect();
  expect_identify(0);
  peer_->wait_for_mesh(node_->peer_id());
  expect_gossip_to_node(200);
  fill_peer();

  // The node dies, and comes back as itself with nothing in its memory.
  const std::size_t before = peer_->mark();
  node_->kill_now();
  peer_->wait_event("disconnect", nullptr, before);
  node_->start_again();
  connect();
  expect_identify(before);
  node_->wait_for_tip(blocks_.size());
  peer_->wait_for_mesh(node_->peer_id());
  expect_gossip_to_node(200);
  EXPECT_EQ(node_->stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(Interop, Connection, testing::ValuesIn(every_case()), name_of);

}  // namespace
}  // namespace libpreconf::test
