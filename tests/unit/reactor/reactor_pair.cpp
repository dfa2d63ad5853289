#include "unit/reactor/reactor_pair.h"

#include "reactor/simulated.h"

namespace libpreconf::test {
namespace {

using namespace std::chrono_literals;

SocketAddress address(std::string_view text) {
  return SocketAddress::parse(text).value();
}

class LibeventPair final : public ReactorPair {
 public:
  LibeventPair() : reactor_(LibeventReactor::create(clock_).value()) {}
  Reactor& client() override { return *reactor_; }
  Reactor& server() override { return *reactor_; }
  SocketAddress server_address() const override { return address("127.0.0.1:0"); }
  bool run_until(std::move_only_function<bool()> done) override {
    return reactor_->run_until(std::move(done), 20s);
  }
  void settle() override {
    // Loopback delivers within the call; a few turns hand over everything.
    int turns = 0;
    (void)reactor_->run_until([&turns] { return ++turns > 20; }, 20ms);
  }

 private:
  SystemClock clock_;
  std::unique_ptr<LibeventReactor> reactor_;
};

class SimulatedPair final : public ReactorPair {
 public:
  Reactor& client() override { return network_.host("10.0.0.1"); }
  Reactor& server() override { return network_.host("10.0.0.2"); }
  SocketAddress server_address() const override { return address("10.0.0.2:0"); }
  bool run_until(std::move_only_function<bool()> done) override {
    return network_.run_until(std::move(done), 20s);
  }
  void settle() override { network_.run_for(100ms); }

 private:
  SimulatedNetwork network_{7, LinkProfile{.latency = 2ms, .jitter = 1ms}};
};

}  // namespace

std::unique_ptr<ReactorPair> make_libevent_pair() {
  return std::make_unique<LibeventPair>();
}
std::unique_ptr<ReactorPair> make_simulated_pair() {
  return std::make_unique<SimulatedPair>();
}

}  // namespace libpreconf::test
