// Both ends of the channel in any order: inputs come out in the order in which they went in, each submission
// is answered exactly once and never inside the call, and the queue keeps its limits.

#include <cstdlib>
#include <deque>

#include "libpreconf/driver/embedded_driver_client.h"
#include "reactor/simulated.h"

namespace {

using namespace libpreconf;
using namespace libpreconf::driver;

void check(bool condition) {
  if (!condition) std::abort();
}

class ScriptedInbox final : public InboxReader {
 public:
  explicit ScriptedInbox(Reactor& reactor) : reactor_(reactor) {}
  Handle next_proposal_id(std::move_only_function<void(Result<std::uint64_t>)> on_id) override {
    return reactor_.after(Duration(0), [id = next, callback = std::move(on_id)]() mutable { callback(id); });
  }
  std::uint64_t next = 0;

 private:
  Reactor& reactor_;
};

constexpr std::size_t kCapacity = 4;

struct World {
  SimulatedNetwork network{1};
  Reactor& reactor = network.host("10.0.0.1");
  ScriptedInbox inbox{reactor};
  std::unique_ptr<EmbeddedDriverClient> client =
      std::make_unique<EmbeddedDriverClient>(reactor, inbox, kCapacity, std::chrono::milliseconds(5));
  std::optional<DriverChannels> channels = client->take_channels();
  std::deque<std::uint64_t> expected;  ///< what the driver must get, in order
  std::uint64_t number = 0;
  std::size_t submitted = 0;
  std::size_t answered = 0;
  std::vector<Handle> handles;

  static std::shared_ptr<const preconf::DecodedTransactions> transactions(std::size_t bytes) {
    preconf::DecodedTransactions decoded;
    decoded.rlp.resize(bytes);
    return std::make_shared<const preconf::DecodedTransactions>(std::move(decoded));
  }

  void submit(std::uint8_t size) {
    static const auto full = transactions(EmbeddedDriverClient::kMaxQueuedBytes);
    preconf::PreconfirmationInput input;
    input.commitment.commitment.preconf.block_number = ++number;
    input.transactions = size == 255 ? full : transactions(size);
    const std::size_t before = client->queue_depth();
    const std::size_t answered_before = answered;
    ++submitted;
    handles.push_back(client->submit_preconfirmation(std::move(input), [this](auto) { ++answered; }));
    check(answered == answered_before);
    check(client->queue_depth() <= kCapacity);
    if (client->queue_depth() > before) expected.push_back(number);
  }

  void take() {
    if (!channels) return;
    const auto input = channels->next();
    check(input.has_value() == !expected.empty());
    if (!input) return;
    check(input->commitment.preconf().block_number == U256(expected.front()));
    expected.pop_front();
  }

  void wait(std::size_t& done) {
    handles.push_back(client->wait_event_sync([&done](Result<>) { ++done; }));
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  std::size_t waits_done = 0;
  std::size_t waits = 0;
  Handle tips = world.client->on_tip_change([] {});
  Handle room = world.client->on_room([&] { world.take(); });
  Handle input = world.channels->on_input([&] { world.take(); });
  for (std::size_t i = 0; i + 1 < size && i < 400; i += 2) {
    const std::uint8_t value = data[i + 1];
    if (!world.client) break;
    switch (data[i] % 12) {
      case 0:
      case 1:
      case 2:
        world.submit(value);
        break;
      case 3:
      case 4:
        world.take();
        break;
      case 5:
        if (world.channels) world.channels->set_canonical_proposal_id(value);
        break;
      case 6:
        if (world.channels) world.channels->set_preconf_tip(U256(value));
        if (world.channels) check(world.client->preconf_tip().value() == U256(value));
        break;
      case 7:
        world.inbox.next = value;
        break;
      case 8:
        ++waits;
        world.wait(waits_done);
        break;
      case 9:
        if (value == 0) {
          world.channels.reset();
          world.expected.clear();
        }
        break;
      case 10:
        if (world.channels) world.channels->reject({}, Error{});
        break;
      default:
        world.network.run_for(Duration(std::int64_t{value} * 100));
        break;
    }
  }
  world.network.run_for(std::chrono::seconds(1));
  check(world.answered == world.submitted);
  check(waits_done <= waits);
  return 0;
}
