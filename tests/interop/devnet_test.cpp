// A foreign peer that dials any printed address of the devnet is an ordinary member of the network.

#include <gtest/gtest.h>

#include <map>

#include "interop/foreign_peer.h"
#include "interop/interop_kinds.h"
#include "libpreconf/p2p/messages.h"
#include "process/preconfd_process.h"

namespace libpreconf::test {
namespace {

constexpr std::uint64_t kBlocksToHear = 8;

/// Every multiaddr with a peer id in a JSON value, wherever it stands.
std::vector<std::string> multiaddrs_in(const std::string& json) {
  std::vector<std::string> out;
  for (std::size_t at = json.find("\"/ip4/"); at != std::string::npos; at = json.find("\"/ip4/", at + 1)) {
    std::string text = json.substr(at + 1, json.find('"', at + 1) - at - 1);
    if (text.find("/p2p/") != std::string::npos) out.push_back(std::move(text));
  }
  return out;
}

using Blocks = std::map<U256, p2p::Preconfirmation>;

/// The commitments to blocks that the peer has heard by gossip, markers left out.
Blocks heard_blocks(ForeignPeer& peer, std::size_t count) {
  Blocks out;
  while (out.size() < count) {
    peer.wait_event("gossip", [&](const JsonValue& event) {
      if (!event["topic"].text().ends_with("/preconfirmationCommitments")) return false;
      const auto commitment = p2p::decode_signed_commitment(unhex(event["data"].text())).value();
      return !commitment.preconf().is_eop_only() &&
             out.emplace(commitment.preconf().block_number, commitment.preconf()).second;
    });
  }
  return out;
}

class DevnetMember : public testing::TestWithParam<PeerKind> {};

TEST_P(DevnetMember, GivenAPeerOnEachPrintedAddress_WhenBlocksAreMade_ThenItHearsEachCommitmentAndList) {
  ChildProcess devnet({preconfd_program(), "devnet", "--nodes", "2", "--slot-time", "3", "--json"});
  const auto start = devnet.wait_line(0);
  ASSERT_TRUE(start) << devnet.last_words();
  const std::vector<std::string> addresses = multiaddrs_in(*start);
  ASSERT_EQ(addresses.size(), 2U) << *start;

  for (const std::string& address : addresses) {
    ForeignPeer member({GetParam(), "member of " + address, "ed25519", 0, {"--dial", address}});
    member.wait_for_mesh(peer_id_of(address));
    const Blocks blocks = heard_blocks(member, kBlocksToHear);
    const U256 first = blocks.begin()->first;
    EXPECT_EQ(blocks.rbegin()->first, first.checked_add(kBlocksToHear - 1).value());

    // The member keeps what it heard, and whoever asks it gets each list. The first one may have come before
    // the member joined, the last one may still be on its way.
    ForeignPeer reader({GetParam(), "reader of " + address, "ed25519", 0, {"--dial", member.multiaddr()}});
    for (const auto& [height, block] : blocks) {
      if (height == first) continue;
      wait_until("the member has the list of each block", [&] {
        return reader.request_tx_list(member.peer_id(), block.raw_tx_list_hash).size() > 36;
      });
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Interop, DevnetMember, testing::Values(PeerKind("js")), kind_name);

}  // namespace
}  // namespace libpreconf::test
