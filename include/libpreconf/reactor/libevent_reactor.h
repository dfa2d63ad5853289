#pragma once
// The reactor on libevent: one epoll loop on the calling thread.

#include <csignal>
#include <memory>

#include "libpreconf/reactor/reactor.h"

namespace libpreconf {

class Histogram;
struct LoopCounters;

/// Owns the event base. Makes the process ignore SIGPIPE where nobody handles it. Constructed in `node/`, by
/// an embedding program or by a test, and destroyed after everything that uses it.
class LibeventReactor final : public Reactor {
 public:
  /// `clock` gives the time; it must outlive the reactor. `now()` is read once a turn.
  [[nodiscard]] static Result<std::unique_ptr<LibeventReactor>> create(const Clock& clock);
  ~LibeventReactor() override;

  /// Runs until `stop`, or until nothing is registered any more.
  void run();
  /// Ends `run` after the current turn.
  void stop();
  /// Runs turns until `done` holds or `limit` has passed; true if it held. For tests and start-up.
  bool run_until(std::move_only_function<bool()> done, Duration limit);

  /// Calls back on each delivery of `signal_number`.
  [[nodiscard]] Handle on_signal(int signal_number, std::move_only_function<void(int)> callback);
  /// Calls back while `fd` is readable (level-triggered). For libraries with a descriptor of their own.
  [[nodiscard]] Handle on_readable(int fd, Callback callback);
  /// For each turn, how long its oldest work had waited when the turn was done with it: from the deadline of
  /// the earliest timer that was due, else from the wake-up.
  [[nodiscard]] const Histogram& loop_lag() const;
  /// How long single turns have kept the loop, from wake-up to sleep.
  [[nodiscard]] const Histogram& turn_duration() const;
  [[nodiscard]] const LoopCounters& counters() const;
  /// The file that names the DNS servers; /etc/resolv.conf unless said otherwise.
  void use_resolv_conf(std::string path);

  [[nodiscard]] Instant now() const override;
  [[nodiscard]] WallTime wall_now() const override;
  TimerHandle after(Duration delay, Callback callback) override;
  TimerHandle every(Duration interval, Callback callback) override;
  [[nodiscard]] Result<std::unique_ptr<TcpListener>> listen_tcp(const SocketAddress& address,
                                                                OnAccept on_accept) override;
  [[nodiscard]] Handle connect_tcp(const SocketAddress& address, OnConnect on_connect) override;
  [[nodiscard]] Result<std::unique_ptr<UdpSocket>> bind_udp(const SocketAddress& address,
                                                            OnDatagram on_datagram) override;
  [[nodiscard]] Handle resolve(std::string_view name, AddressFamily family, OnResolve on_resolve) override;
  void close_gracefully(std::unique_ptr<TcpConnection> connection, Duration linger) override;

 protected:
  void sweep_later(Callback callback) override;

 private:
  struct Impl;
  explicit LibeventReactor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace libpreconf
