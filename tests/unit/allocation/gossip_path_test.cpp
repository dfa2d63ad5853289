// What a gossip message costs the heap on its whole way: from the socket through noise, yamux, frame and
// router to the gate, and on to the other peers' sockets. The node is a real one on a real loop whose clock
// stands still, so that no timer adds to the count.
#include <gtest/gtest.h>

#include "gossip_peer.h"
#include "libpreconf/p2p/p2p_service.h"
#include "libpreconf/preconf/static_signer_schedule.h"
#include "p2p/counters.h"
#include "p2p/signing.h"
#include "p2p/topics.h"
#include "support/allocation_counter.h"
#include "unit/p2p/fake_source.h"

namespace libpreconf::test {
namespace {

class HeldClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant(time); }
  [[nodiscard]] WallTime wall_now() const override { return WallTime(std::chrono::seconds(1764000000)); }
  Duration time{std::chrono::seconds(1000)};
};

class GossipPath : public testing::Test {
 protected:
  static constexpr std::size_t kPeers = 8;
  /// Tables grow by doubling: behind this many messages they hold still for the next few hundred.
  static constexpr int kWarmUp = 600;
  static constexpr int kMeasured = 100;

  GossipPath() {
    p2p::P2pConfig config;
    config.listen = {SocketAddress::parse("127.0.0.1:0").value()};
    config.identity = {0x08, 0x02, 0x12, 0x20};
    config.identity.resize(36, 0x11);
    p2p::NetworkEvents events;
    events.on_commitment = [this](const p2p::PeerId&, const p2p::SignedCommitment&,
                                  const p2p::RecoveredSigner&) {
      ++accepted_;
      return p2p::GossipDecision::accept;
    };
    service_ = p2p::P2pService::create(near_.reactor(), random_, std::move(config), schedule_, source_,
                                       std::move(events))
                   .value();
    EXPECT_TRUE(service_->start());
    for (std::size_t i = 0; i < kPeers; ++i) {
      peers_.push_back(std::make_unique<GossipPeer>(far_.reactor(), 100 + i, std::vector{topic_}));
      peers_.back()->dial(service_->listen_addresses().at(0));
    }
    const auto all_ready = [this] {
      return std::ranges::all_of(peers_, [](const auto& peer) { return peer->ready(); });
    };
    for (int i = 0; i < 10'000 && !all_ready(); ++i) both(1);
    EXPECT_TRUE(all_ready());
    both(100);
    for (int i = 0; i < kWarmUp; ++i) (void)deliver(*peers_[0], fresh());
    // Each peer's way in and out is warm as well.
    for (const auto& peer : peers_) (void)deliver(*peer, fresh());
  }

  void both(int turns) {
    for (int i = 0; i < turns; ++i) {
      far_.spin(1);
      near_.spin(1);
    }
  }
  /// A commitment that was never sent before.
  p2p::SignedCommitment commitment() {
    p2p::PreconfCommitment out;
    out.preconf.block_number = ++next_number_;
    out.preconf.timestamp = 1764000000;
    out.preconf.gas_limit = 30'000'000;
    out.preconf.raw_tx_list_hash.fill(7);
    return p2p::sign_commitment(elected_, p2p::placeholder_domain(), out);
  }
  libp2p::SharedBytes fresh(std::size_t author = 0) {
    return peers_[author]->sign(topic_, p2p::encode(commitment()));
  }
  /// What the node allocates from the arrival of a frame until nothing is left to do for it.
  std::size_t deliver(GossipPeer& from, const libp2p::SharedBytes& frame) {
    from.write(frame);
    far_.spin(3);
    std::size_t before = 0;
    std::size_t after = 0;
    near_.spin(4, [&] {
      held_.time += Duration(1);  // another turn, other work
      if (before == 0) before = allocation_count();
      after = allocation_count();
      return false;
    });
    far_.spin(3);
    return after - before;
  }
  /// The most that one of several fresh messages costs.
  std::size_t dearest(std::size_t from) {
    std::size_t most = 0;
    for (int i = 0; i < kMeasured; ++i) most = std::max(most, deliver(*peers_[from], fresh(from)));
    return most;
  }
  const libp2p::Gossipsub::Counters& router() const { return service_->counters().gossipsub; }
  std::size_t heard() const {
    std::size_t sum = 0;
    for (const auto& peer : peers_) sum += peer->heard();
    return sum;
  }

  const std::string topic_ = p2p::NetworkNames(167000).topic(p2p::Topic::commitments);
  crypto::Secp256k1Key elected_ = crypto::Secp256k1Key::from_bytes(Bytes(32, 7)).value();
  preconf::StaticSignerSchedule schedule_ = preconf::StaticSignerSchedule::one_signer(elected_.address());
  p2p::test::FakeSource source_;
  SeededRandom random_{1};
  HeldClock held_;
  SystemClock clock_;
  BusyLoop near_{held_};
  BusyLoop far_{clock_};
  std::unique_ptr<p2p::P2pService> service_;
  std::vector<std::unique_ptr<GossipPeer>> peers_;
  std::uint64_t next_number_ = 0;
  std::size_t accepted_ = 0;
};

TEST_F(GossipPath, GivenDuplicates_WhenTheyArriveFromEachPeer_ThenNothingIsAllocated) {
  const libp2p::SharedBytes frame = fresh();
  (void)deliver(*peers_[0], frame);
  const std::uint64_t before = router().messages_duplicate;
  std::size_t allocated = 0;
  for (int i = 0; i < kMeasured; ++i) {
    for (const auto& peer : peers_) allocated += deliver(*peer, frame);
  }
  EXPECT_EQ(allocated, 0U);
  EXPECT_EQ(router().messages_duplicate - before, kMeasured * kPeers);
}

TEST_F(GossipPath, GivenFirstCopies_WhenForwardedToSevenPeers_ThenEachCostsTheSameFewAllocations) {
  const std::size_t accepted = accepted_;
  const std::uint64_t forwarded = router().messages_forwarded;
  const std::size_t bytes = heard();
  // The frame that all queues share is two, the gate's memory of the content two, the pause before it is sent
  // on one, the flush after it one.
  EXPECT_EQ(dearest(0), 6U);
  EXPECT_EQ(accepted_ - accepted, std::size_t{kMeasured});
  EXPECT_EQ(router().messages_forwarded - forwarded, kMeasured * (kPeers - 1));
  EXPECT_GE(heard() - bytes, kMeasured * (kPeers - 1) * p2p::kSignedCommitmentSize);
}

TEST_F(GossipPath, GivenFirstCopies_WhenEachPeerSendsSome_ThenTheCostIsThatOfOnePeer) {
  for (std::size_t from = 0; from < 3; ++from) EXPECT_EQ(dearest(from), 6U);
}

}  // namespace
}  // namespace libpreconf::test
