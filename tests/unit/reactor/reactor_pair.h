#pragma once
// Two hosts on one loop, on either reactor: the same behaviour tests run over real sockets and simulated
// ones.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "libpreconf/reactor/libevent_reactor.h"

namespace libpreconf::test {

/// What a test needs of a reactor.
class ReactorPair {
 public:
  virtual ~ReactorPair() = default;
  [[nodiscard]] virtual Reactor& client() = 0;
  [[nodiscard]] virtual Reactor& server() = 0;
  /// The server's own address, port 0.
  [[nodiscard]] virtual SocketAddress server_address() const = 0;
  virtual bool run_until(std::move_only_function<bool()> done) = 0;
  /// Lets everything happen that is on its way.
  virtual void settle() = 0;
};

[[nodiscard]] std::unique_ptr<ReactorPair> make_libevent_pair();
[[nodiscard]] std::unique_ptr<ReactorPair> make_simulated_pair();

using PairFactory = std::unique_ptr<ReactorPair> (*)();
struct PairKind {
  const char* name;
  PairFactory make;
};
inline void PrintTo(const PairKind& kind, std::ostream* out) {
  *out << kind.name;
}

/// Both reactors, for INSTANTIATE_TEST_SUITE_P, and how the instances are called.
[[nodiscard]] inline auto both_reactors() {
  return testing::Values(PairKind{"libevent", make_libevent_pair},
                         PairKind{"simulated", make_simulated_pair});
}
[[nodiscard]] inline std::string reactor_name(const testing::TestParamInfo<PairKind>& kind) {
  return kind.param.name;
}

/// One end of a connection that remembers what happened to it.
struct Peer {
  std::unique_ptr<TcpConnection> connection;
  std::string received;
  int drained = 0;
  std::vector<Error> closed;

  void start() {
    connection->start({.on_data = [this](ByteView data) { received += as_text(data); },
                       .on_drained = [this] { ++drained; },
                       .on_closed = [this](const Error& error) { closed.push_back(error); }});
  }
  void send(std::string_view text) { connection->send(as_bytes(text)); }
};

/// Fixture with a listener and two connected peers, not started.
class OverBothReactors : public testing::TestWithParam<PairKind> {
 protected:
  void SetUp() override { pair = GetParam().make(); }

  void listen() {
    auto made = pair->server().listen_tcp(
        pair->server_address(),
        [this](std::unique_ptr<TcpConnection> accepted) { server.connection = std::move(accepted); });
    ASSERT_TRUE(made) << made.error().message;
    listener = std::move(*made);
  }
  void connect() {
    listen();
    const Handle attempt = pair->client().connect_tcp(listener->local_address(),
                                                      [this](Result<std::unique_ptr<TcpConnection>> result) {
                                                        ASSERT_TRUE(result) << result.error().message;
                                                        client.connection = std::move(*result);
                                                      });
    ASSERT_TRUE(pair->run_until([this] { return client.connection && server.connection; }));
  }
  void connect_and_start() {
    connect();
    client.start();
    server.start();
  }

  // Declared first: everything else is destroyed before the reactors.
  std::unique_ptr<ReactorPair> pair;
  std::unique_ptr<TcpListener> listener;
  Peer client;
  Peer server;
};

}  // namespace libpreconf::test
