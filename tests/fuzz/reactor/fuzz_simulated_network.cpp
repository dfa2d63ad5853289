// A script of bytes drives a simulated network; run twice, it must leave the same trace. Bytes of a
// connection arrive in order and complete or not at all, and callbacks never come after their handle.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "reactor/simulated.h"

namespace libpreconf {
namespace {

constexpr std::size_t kHosts = 3;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "property broken: %s\n", what);
  std::abort();
}

/// One end of a connection; what it sends is a counter, so that order and loss show.
struct End {
  std::unique_ptr<TcpConnection> connection;
  std::uint8_t next_sent = 0;
  std::uint8_t next_expected = 0;
  bool closed = false;
};

constexpr std::size_t kPatternRun = 65536;

/// Bytes that count up, from any value and for kPatternRun bytes: comparing runs is quicker than bytes.
const std::uint8_t* pattern() {
  static const std::vector<std::uint8_t> bytes = [] {
    std::vector<std::uint8_t> out(kPatternRun + 256);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i);
    return out;
  }();
  return bytes.data();
}

bool matches(End& end, ByteView bytes) {
  if (bytes.size() > kPatternRun) return false;
  const bool same = std::memcmp(bytes.data(), pattern() + end.next_expected, bytes.size()) == 0;
  end.next_expected = static_cast<std::uint8_t>(end.next_expected + bytes.size());
  return same;
}

class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : data_(data), left_(size), network_(1 + take()) {
    const std::size_t segment = std::size_t{1} << (7 + take() % 10);
    budget_ = std::min<std::size_t>(segment * 400, 3 << 20);
    network_.set_profile(LinkProfile{.latency = Duration(take() * 100),
                                     .jitter = Duration(take() * 50),
                                     .datagram_loss = take() / 512.0,
                                     .connect_failure = take() / 1024.0,
                                     .segment = segment});
    for (std::size_t i = 0; i < kHosts; ++i) {
      listeners_.push_back(
          host(i).listen_tcp(at(i), [this](auto connection) { adopt(std::move(connection)); }).value());
      sockets_.push_back(host(i)
                             .bind_udp(at(i),
                                       [this](const SocketAddress& from, ByteView datagram) {
                                         note("datagram " + from.to_string() + " " +
                                              std::to_string(datagram.size()));
                                       })
                             .value());
    }
  }

  std::string run() {
    while (left_ > 0) step(take());
    network_.run_for(std::chrono::seconds(5));
    for (const auto& end : ends_) note(end->closed ? "closed" : std::to_string(end->next_expected));
    return std::move(trace_);
  }

 private:
  std::uint8_t take() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  Reactor& host(std::size_t index) { return network_.host("10.0.0." + std::to_string(index % kHosts + 1)); }
  static SocketAddress at(std::size_t index) {
    return SocketAddress::parse("10.0.0." + std::to_string(index % kHosts + 1) + ":9000").value();
  }
  void note(const std::string& what) {
    trace_ += std::to_string(network_.now().time_since_epoch().count()) + " " + what + "\n";
  }

  void adopt(std::unique_ptr<TcpConnection> connection) {
    if (ends_.size() >= 64) return;
    note("open " + connection->local_address().to_string() + " " + connection->remote_address().to_string());
    ends_.push_back(std::make_unique<End>());
    End& end = *ends_.back();
    end.connection = std::move(connection);
    end.connection->start({.on_data =
                               [this, &end](ByteView bytes) {
                                 require(end.connection != nullptr, "no data after destruction");
                                 require(matches(end, bytes), "bytes in order");
                                 note("data " + std::to_string(bytes.size()));
                                 if (bytes.size() % 13 == 12) end.connection.reset();
                               },
                           .on_drained = [this] { note("drained"); },
                           .on_closed =
                               [this, &end](const Error& error) {
                                 require(end.connection != nullptr && !end.closed,
                                         "closed once, while owned");
                                 end.closed = true;
                                 note("closed " + error.message);
                               }});
  }
  void send(End& end, std::size_t size) {
    if (!end.connection || end.closed || size > budget_) return;
    budget_ -= size;
    const MutableByteView room = end.connection->prepare(size);
    for (std::size_t done = 0; done < size;) {
      const std::size_t part = std::min(size - done, kPatternRun);
      std::memcpy(room.data() + done, pattern() + end.next_sent, part);
      end.next_sent = static_cast<std::uint8_t>(end.next_sent + part);
      done += part;
    }
    end.connection->commit(size);
  }

  void step(std::uint8_t action) {
    End* end = ends_.empty() ? nullptr : ends_[action / 16 % ends_.size()].get();
    switch (action % 12) {
      case 0:
      case 1:
        attempts_.push_back(host(action / 16).connect_tcp(at(take()), [this](auto result) {
          note(result ? "connected" : result.error().message);
          if (result) adopt(std::move(*result));
        }));
        break;
      case 2:
      case 3:
        if (end != nullptr) send(*end, std::size_t{1} + take() * std::size_t{action % 12 == 2 ? 1u : 2048u});
        break;
      case 4:
        network_.run_for(Duration(take() * 100));
        break;
      case 5:
        if (end != nullptr && end->connection) end->connection->set_reading(take() % 2 == 0);
        break;
      case 6:
        if (end != nullptr) end->connection.reset();
        break;
      case 7:
        if (end != nullptr && end->connection) {
          host(0).close_gracefully(std::move(end->connection), Duration(take() * 1000));
        }
        break;
      case 8:
        network_.set_connected("10.0.0.1", take() % 2 == 0 ? "10.0.0.2" : "10.0.0.3", action / 16 % 2 == 0);
        break;
      case 9:
        network_.drop_sockets("10.0.0." + std::to_string(take() % kHosts + 1));
        break;
      case 10:
        (void)sockets_[action / 16 % kHosts]->send_to(at(take()), Bytes(take()));
        break;
      default:
        timers_.push_back(host(0).after(Duration(take() * 50), [this] {
          note("timer");
          attempts_.clear();
        }));
        if (timers_.size() > 16) timers_.erase(timers_.begin());
    }
  }

  const std::uint8_t* data_;
  std::size_t left_;
  std::string trace_;
  /// With large segments enough to fill a window and the high water of a queue; more only costs time.
  std::size_t budget_ = 0;
  SimulatedNetwork network_;
  std::vector<std::unique_ptr<TcpListener>> listeners_;
  std::vector<std::unique_ptr<UdpSocket>> sockets_;
  std::vector<std::unique_ptr<End>> ends_;
  std::vector<Handle> attempts_;
  std::vector<Handle> timers_;
};

}  // namespace
}  // namespace libpreconf

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 256) return 0;
  const std::string first = libpreconf::Script(data, size).run();
  const std::string second = libpreconf::Script(data, size).run();
  libpreconf::require(first == second, "the same script leaves the same trace");
  return 0;
}
