// A script of peers that come, go, send anything and let time pass. Whatever happens: no peer that left is
// written to, every bound holds, and a message is handed out at most once while its id is remembered.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "codec/varint.h"
#include "crypto/hash.h"
#include "fuzz/input.h"
#include "libp2p/gossipsub.h"

using namespace libpreconf;
using fuzz::require;
using namespace libpreconf::libp2p;
using namespace std::chrono_literals;

namespace {

const PeerId& peer_named(std::uint8_t number) {
  static const std::vector<PeerId> named = [] {
    std::vector<PeerId> out;
    for (unsigned i = 0; i < 256; ++i) {
      Bytes key = {0x08, 0x01, 0x12, 0x20};
      key.resize(36, static_cast<std::uint8_t>(i));
      out.push_back(PeerId::of_public_key(key));
    }
    return out;
  }();
  return named[number];
}

Bytes signature_of(ByteView message) {
  const Hash256 hash = crypto::sha256(message);
  return Bytes(hash.begin(), hash.begin() + 4);
}

class Script {
 public:
  explicit Script(fuzz::Input input) : input_(input) {
    GossipsubConfig config;
    config.self = peer_named(255);
    config.topics = {{"a", 64, true}, {"b", 4096, true}, {"c", 64, false}};
    GossipsubHooks hooks;
    hooks.precheck = [](const PeerId&, std::string_view, ByteView data) {
      return data.size() % 7 == 6 ? Verdict::reject : Verdict::accept;
    };
    hooks.validate = [this](const GossipMessage& message) {
      const auto [entry, is_new] = handed_out_.try_emplace(message.id, now_);
      require(is_new || now_ - entry->second >= 120s);
      entry->second = now_;
      require(op_stack_message_id(message.data) == message.id);
      waiting_.push_back(message.id);
      if (message.data.size() % 2 == 0) report();
    };
    hooks.send = [this](GossipPeer to, const SharedBytes& frame, FrameKind) {
      require(!frame->empty());
      for (const auto& peer : peers_) {
        if (peer && *peer == to) return true;
      }
      std::abort();
    };
    hooks.forward_soon = [] {};
    hooks.verify = [](ByteView, ByteView message, ByteView signature) {
      return equal(signature_of(message), signature);
    };
    hooks.sign = [](ByteView message) { return signature_of(message); };
    router_ = std::make_unique<Gossipsub>(std::move(config), std::move(hooks), random_);
  }

  void run() {
    while (!input_.empty()) {
      const std::uint8_t op = byte();
      const std::size_t who = byte() % 16;
      switch (op % 10) {
        case 0:
          join(who);
          break;
        case 1:
          leave(who);
          break;
        case 2:
          raw(who);
          break;
        case 3:
          message(who);
          break;
        case 4:
          subscription(who);
          break;
        case 5:
          control(who);
          break;
        case 6:
          tick();
          break;
        case 7:
          report();
          break;
        case 8:
          publish();
          break;
        case 9:
          own_subscription();
          break;
      }
      // Else what was accepted waits through the next step.
      if (op >= 128) router_->forward_accepted(now_);
      check();
    }
  }

 private:
  std::uint8_t byte() { return input_.byte(); }
  ByteView bytes(std::size_t most) { return input_.take(std::min<std::size_t>(byte(), most)); }
  std::string_view topic() { return std::string_view("abcd").substr(byte() % 4, 1); }

  void join(std::size_t who) {
    if (peers_[who]) return;
    const auto kind = static_cast<PeerKind>(byte() % 4);
    const auto direction = byte() % 2 == 0 ? Direction::inbound : Direction::outbound;
    peers_[who] = router_->add_peer(peer_named(static_cast<std::uint8_t>(who)), direction, kind, now_);
    require(peers_[who].has_value());
    router_->announce(*peers_[who]);
  }
  void leave(std::size_t who) {
    if (!peers_[who]) return;
    router_->remove_peer(*peers_[who], now_);
    stale_ = *peers_[who];
    peers_[who].reset();
  }
  void receive(std::size_t who, ByteView rpc) {
    const Bytes exact = to_bytes(rpc);
    RpcCursor cursor;
    RpcOutcome outcome = RpcOutcome::more;
    for (int turns = 0; outcome == RpcOutcome::more; ++turns) {
      require(turns < 10000);
      WorkBudget budget{1};
      outcome = router_->handle_rpc(peers_[who] ? *peers_[who] : stale_, exact, cursor, budget, now_);
    }
  }
  void receive_frame(std::size_t who, const SharedBytes& frame) {
    const codec::VarintRead prefix = codec::read_varint(*frame);
    receive(who, ByteView(*frame).subspan(prefix.size));
  }
  void raw(std::size_t who) { receive(who, bytes(255)); }
  void message(std::size_t who) {
    const PeerId& author = peer_named(byte());
    const FixedBytes<8> seqno = {byte()};
    const std::uint8_t flaw = byte();
    PubsubMessageView view;
    view.from = author.bytes();
    view.topic = topic();
    view.data = bytes(80);
    view.seqno = ByteView(seqno);
    Bytes signed_bytes;
    write_signed_bytes(view, signed_bytes);
    Bytes signature = signature_of(signed_bytes);
    if (flaw % 8 == 1) signature[0] ^= 1;
    view.signature = ByteView(signature);
    if (flaw % 8 == 2) view.signature.reset();
    if (flaw % 8 == 3) view.seqno.reset();
    receive_frame(who, make_publish_frame(view).frame);
  }
  void subscription(std::size_t who) {
    const std::string_view name = topic();
    receive_frame(who, encode_subscription(name, byte() % 4 != 0));
  }
  void control(std::size_t who) {
    const std::uint8_t kind = byte();
    const std::string_view name = topic();
    std::vector<MessageId> ids;
    for (std::size_t i = byte() % 8; i > 0; --i) {
      MessageId id{};
      id[0] = byte();
      ids.push_back(id);
    }
    for (std::size_t i = 0; i < waiting_.size() && i < 3; ++i) ids.push_back(waiting_[i]);
    switch (kind % 5) {
      case 0:
        return receive_frame(who, encode_ihave(name, ids));
      case 1:
        return receive_frame(who, encode_iwant(ids));
      case 2:
        return receive_frame(who, encode_idontwant(ids));
      case 3:
        return receive_frame(who, encode_graft(name));
      case 4:
        return receive_frame(who, encode_prune(name, std::uint64_t{byte()} << (byte() % 64)));
    }
  }
  void tick() {
    now_ += Duration(1000) * (std::int64_t{1} << (byte() % 22));
    router_->heartbeat(now_);
  }
  void report() {
    if (waiting_.empty()) return;
    const MessageId id = waiting_.back();
    waiting_.pop_back();
    router_->report(id, static_cast<Verdict>(byte() % 3), now_);
  }
  void publish() {
    const std::string_view name = topic();
    (void)router_->publish(name, bytes(70), now_);
  }
  void own_subscription() {
    const std::string_view name = topic();
    if (byte() % 2 == 0) {
      router_->subscribe(name, now_);
    } else {
      router_->unsubscribe(name, now_);
    }
  }
  void check() {
    std::size_t present = 0;
    for (const auto& peer : peers_) present += peer ? 1 : 0;
    require(router_->peer_count() == present);
    require(router_->pending_messages() <= limits::kMaxPendingMessages);
    for (const std::string_view name : {"a", "b", "c"}) {
      require(router_->mesh_size(name) <= present);
      for (std::size_t who = 0; who < peers_.size(); ++who) {
        const PeerId& id = peer_named(static_cast<std::uint8_t>(who));
        const bool meshed = router_->in_mesh(id, name);
        require(!meshed || (peers_[who] && router_->is_subscribed(id, name)));
      }
    }
  }

  fuzz::Input input_;
  SeededRandom random_{1};
  Instant now_{1000s};
  std::unique_ptr<Gossipsub> router_;
  std::array<std::optional<GossipPeer>, 16> peers_;
  GossipPeer stale_;
  std::map<MessageId, Instant> handed_out_;
  std::vector<MessageId> waiting_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  Script(fuzz::Input(data, size)).run();
  return 0;
}
