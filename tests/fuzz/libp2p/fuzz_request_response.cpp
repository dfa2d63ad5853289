// A script of streams, bytes, answers, dropped handles and time for request-response. Whatever happens: no
// stream is touched after its end, each request is answered at most once and never after its handle went, and
// when the connection has ended nothing is left.
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "fuzz/input.h"
#include "libp2p/request_response.h"
#include "reactor/simulated.h"

using namespace libpreconf;
using namespace libpreconf::libp2p;
using namespace std::chrono_literals;
using fuzz::require;

namespace {

class FakeStream final : public Stream {
 public:
  FakeStream(const ConnectionInfo& info, std::string protocol, Direction direction)
      : info_(info), protocol_(std::move(protocol)), direction_(direction) {}
  const ConnectionInfo& connection() const override { return info_; }
  std::string_view protocol() const override { return protocol_; }
  Direction direction() const override { return direction_; }
  void write(ByteView) override { require(!dead && !write_closed); }
  void write(SharedBytes bytes) override {
    require(bytes != nullptr);
    write(ByteView(*bytes));
  }
  std::size_t queued() const override { return 0; }
  void close_write() override {
    require(!dead && !write_closed);
    write_closed = true;
    dead = fin_seen;
  }
  void reset() override {
    require(!dead);
    dead = true;
  }
  void set_reading(bool) override { require(!dead); }
  void set_receiver(StreamReceiver* to) override { receiver = to; }

  StreamReceiver* receiver = nullptr;
  bool dead = false;
  bool write_closed = false;
  bool fin_seen = false;

 private:
  const ConnectionInfo& info_;
  std::string protocol_;
  Direction direction_;
};

struct Opening final : Registration {
  explicit Opening(bool& waits) : waits_(waits) {}
  ~Opening() override { waits_ = false; }
  bool& waits_;
};

class Script {
 public:
  explicit Script(fuzz::Input input) : input_(input) {
    RequestResponseConfig config;
    config.protocols = {{"/a", 8, 16}, {"/b", 200, 300}};
    config.max_exchanges = 4;
    RequestResponseHooks hooks;
    hooks.admit = [this](const PeerId&, std::size_t) { return byte() % 8 != 7; };
    hooks.on_request = [this](const PeerId&, std::size_t protocol, Bytes body, Responder responder) {
      require(protocol < 2 && body.size() <= (protocol == 0 ? 8U : 200U));
      if (byte() % 4 == 0) (void)responder.respond(Bytes(byte() % 20));
      responders_.push_back(std::move(responder));
    };
    service_ = std::make_unique<RequestResponse>(
        reactor_, std::move(config), std::move(hooks),
        [this](ConnectionId, std::vector<std::string> ids,
               std::move_only_function<void(Result<Stream*>)> done) {
          pending_.push_back(std::make_unique<Pending>(Pending{std::move(ids.at(0)), std::move(done), true}));
          return Handle(std::make_unique<Opening>(pending_.back()->waits));
        });
  }

  void run() {
    while (!input_.empty()) {
      switch (byte() % 10) {
        case 0:
          connect();
          break;
        case 1:
          disconnect();
          break;
        case 2:
          request();
          break;
        case 3:
          agree();
          break;
        case 4:
          open_inbound();
          break;
        case 5:
          data();
          break;
        case 6:
          fin();
          break;
        case 7:
          reset();
          break;
        case 8:
          application();
          break;
        case 9:
          network_.run_for(Duration(1000) * (std::int64_t{1} << (byte() % 15)));
          break;
      }
      require(service_->exchanges() <= 2 * 4 + requests_);
    }
    disconnect();
    for (auto& pending : pending_) fail_pending(*pending);
    network_.run_for(30s);
    require(service_->exchanges() == 0);
    if (connection_number_ % 2 == 0) service_.reset();  // responders and handles may outlive it
  }

 private:
  struct Pending {
    std::string id;
    std::move_only_function<void(Result<Stream*>)> done;
    bool waits = false;
  };
  std::uint8_t byte() { return input_.byte(); }

  void connect() {
    if (connected_) return;
    connected_ = true;
    infos_.push_back(ConnectionInfo{++connection_number_, peer_, Direction::inbound, {}, {}});
    service_->on_connected(infos_.back());
  }
  void disconnect() {
    if (!connected_) return;
    connected_ = false;
    for (auto& stream : streams_) end(*stream);
    service_->on_disconnected(infos_.back());
  }
  static void end(FakeStream& stream) {
    if (stream.dead) return;
    stream.dead = true;
    if (stream.receiver != nullptr) stream.receiver->on_reset(stream);
  }
  void request() {
    ++requests_;
    const std::size_t number = handles_.size();
    handles_.emplace_back();
    alive_.push_back(true);
    handles_[number] =
        service_->request(peer_, byte() % 2, Bytes(byte() % 12), [this, number](Result<Bytes> result) {
          require(alive_[number]);
          alive_[number] = false;
          require(!result || result->size() <= 300);
          if (byte() % 2 == 0) handles_[number].reset();
        });
  }
  void agree() {
    for (auto& pending : pending_) {
      if (!pending->waits) continue;
      if (!connected_ || byte() % 4 == 0) return fail_pending(*pending);
      streams_.push_back(std::make_unique<FakeStream>(infos_.back(), pending->id, Direction::outbound));
      pending->waits = false;
      auto done = std::move(pending->done);
      return done(streams_.back().get());
    }
  }
  static void fail_pending(Pending& pending) {
    if (!pending.waits) return;
    pending.waits = false;
    auto done = std::move(pending.done);
    done(fail(ErrorCode::unsupported, "not agreed"));
  }
  void open_inbound() {
    if (!connected_) return;
    streams_.push_back(
        std::make_unique<FakeStream>(infos_.back(), byte() % 2 == 0 ? "/a" : "/b", Direction::inbound));
    FakeStream& stream = *streams_.back();
    stream.receiver = service_->on_inbound_stream(stream);
    if (stream.receiver == nullptr) stream.dead = true;
  }
  FakeStream* pick() {
    if (streams_.empty()) return nullptr;
    FakeStream* stream = streams_[byte() % streams_.size()].get();
    return stream->dead ? nullptr : stream;
  }
  void data() {
    FakeStream* stream = pick();
    if (stream == nullptr || stream->fin_seen) return;
    const Bytes bytes = to_bytes(input_.take(byte()));
    stream->receiver->on_data(*stream, bytes);
  }
  void fin() {
    FakeStream* stream = pick();
    if (stream == nullptr || std::exchange(stream->fin_seen, true)) return;
    StreamReceiver* receiver = stream->receiver;
    const bool closed_before = stream->write_closed;
    receiver->on_remote_closed(*stream);
    if (closed_before) stream->dead = true;
  }
  void reset() {
    if (FakeStream* stream = pick()) end(*stream);
  }
  void application() {
    const std::uint8_t what = byte();
    if (what % 2 == 0 && !responders_.empty()) {
      Responder responder = std::move(responders_.front());
      responders_.pop_front();
      if (what % 4 == 0) (void)responder.respond(Bytes(what));
    } else if (!handles_.empty()) {
      const std::size_t number = what % handles_.size();
      alive_[number] = false;
      handles_[number].reset();
    }
  }

  fuzz::Input input_;
  SimulatedNetwork network_{1};
  Reactor& reactor_ = network_.host("10.0.0.1");
  PeerId peer_ = PeerId::of_public_key(Bytes{0x08, 0x01, 0x12, 0x00});
  std::deque<ConnectionInfo> infos_;
  std::vector<std::unique_ptr<FakeStream>> streams_;
  std::vector<std::unique_ptr<Pending>> pending_;
  std::deque<Responder> responders_;
  std::deque<Handle> handles_;
  std::deque<bool> alive_;
  std::size_t requests_ = 0;
  ConnectionId connection_number_ = 0;
  bool connected_ = false;
  std::unique_ptr<RequestResponse> service_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  Script(fuzz::Input(data, size)).run();
  return 0;
}
