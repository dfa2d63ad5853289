#include "libpreconf/reactor/libevent_reactor.h"

#include <algorithm>

#include "reactor/dns_resolver.h"
#include "reactor/event_loop.h"
#include "reactor/graceful_closer.h"
#include "reactor/libevent_tcp.h"
#include "reactor/libevent_udp.h"
#include "reactor/limits.h"
#include "reactor/literal_address.h"

namespace libpreconf {
namespace {

/// A repeating callback on a descriptor or a signal.
class Watch final : public Registration {
 public:
  Watch(EventLoop& loop, int descriptor, FdEvent::Kind kind, std::move_only_function<void(int)> callback)
      : loop_(loop), descriptor_(descriptor) {
    callback_.set(std::move(callback));
    const auto happened = [](void* self) { static_cast<Watch*>(self)->happened(); };
    if (event_.assign(loop.base(), descriptor, kind, happened, this)) event_.add();
  }

 private:
  void happened() {
    loop_.enter();
    callback_.call(descriptor_);
  }

  EventLoop& loop_;
  int descriptor_;
  FdEvent event_;
  GuardedCallback<void(int)> callback_;
};

}  // namespace

struct LibeventReactor::Impl {
  std::unique_ptr<EventLoop> loop;
  std::unique_ptr<DnsResolver> resolver;
  std::string resolv_conf = "/etc/resolv.conf";
  GracefulCloser<LibeventTcpConnection> closer;
  bool stopped = false;
};

Result<std::unique_ptr<LibeventReactor>> LibeventReactor::create(const Clock& clock) {
  auto impl = std::make_unique<Impl>();
  PRECONF_TRY(impl->loop, EventLoop::create(clock));
  return std::unique_ptr<LibeventReactor>(new LibeventReactor(std::move(impl)));
}

LibeventReactor::LibeventReactor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LibeventReactor::~LibeventReactor() {
  impl_->closer.clear();
  impl_->resolver.reset();
}

void LibeventReactor::run() {
  impl_->stopped = false;
  while (!impl_->stopped && impl_->loop->busy()) impl_->loop->turn(true);
}

void LibeventReactor::stop() {
  impl_->stopped = true;
}

bool LibeventReactor::run_until(std::move_only_function<bool()> done, Duration limit) {
  bool over = false;
  const Handle deadline = after(limit, [&over] { over = true; });
  while (!done()) {
    if (over) return false;
    impl_->loop->turn(true);
  }
  return true;
}

Handle LibeventReactor::on_signal(int signal_number, std::move_only_function<void(int)> callback) {
  return Handle(
      std::make_unique<Watch>(*impl_->loop, signal_number, FdEvent::Kind::signal, std::move(callback)));
}

Handle LibeventReactor::on_readable(int fd, Callback callback) {
  return Handle(std::make_unique<Watch>(*impl_->loop, fd, FdEvent::Kind::readable,
                                        [callback = std::move(callback)](int) mutable { callback(); }));
}

const Histogram& LibeventReactor::loop_lag() const {
  return impl_->loop->lag();
}

const Histogram& LibeventReactor::turn_duration() const {
  return impl_->loop->turn_duration();
}

const LoopCounters& LibeventReactor::counters() const {
  return impl_->loop->counters();
}

void LibeventReactor::use_resolv_conf(std::string path) {
  impl_->resolv_conf = std::move(path);
  impl_->resolver.reset();
}

Instant LibeventReactor::now() const {
  return impl_->loop->now();
}

WallTime LibeventReactor::wall_now() const {
  return impl_->loop->clock().wall_now();
}

TimerHandle LibeventReactor::after(Duration delay, Callback callback) {
  // From the clock, not from the turn: a delay must not be shorter by what the turn has taken already.
  return impl_->loop->timers().add(impl_->loop->clock().now() + std::max(delay, Duration::zero()),
                                   std::move(callback));
}

TimerHandle LibeventReactor::every(Duration interval, Callback callback) {
  return impl_->loop->timers().add_repeating(impl_->loop->clock().now() + interval, interval,
                                             std::move(callback));
}

Result<std::unique_ptr<TcpListener>> LibeventReactor::listen_tcp(const SocketAddress& address,
                                                                 OnAccept on_accept) {
  PRECONF_TRY(FileDescriptor socket, open_tcp_listener(address, reactor_limits::kListenBacklog));
  return std::make_unique<LibeventTcpListener>(*impl_->loop, std::move(socket), std::move(on_accept));
}

Handle LibeventReactor::connect_tcp(const SocketAddress& address, OnConnect on_connect) {
  return Handle(std::make_unique<LibeventConnectAttempt>(*impl_->loop, address, std::move(on_connect)));
}

Result<std::unique_ptr<UdpSocket>> LibeventReactor::bind_udp(const SocketAddress& address,
                                                             OnDatagram on_datagram) {
  PRECONF_TRY(FileDescriptor fd, open_udp(address));
  auto socket = std::make_unique<LibeventUdpSocket>(*impl_->loop, std::move(fd), std::move(on_datagram));
  if (!socket->watch())
    return fail(ErrorCode::io, address.to_string() + ": libevent cannot watch the socket");
  return socket;
}

Handle LibeventReactor::resolve(std::string_view name, AddressFamily family, OnResolve on_resolve) {
  if (auto literal = literal_address(name, family)) {
    return after(Duration::zero(),
                 [literal = std::move(*literal), on_resolve = std::move(on_resolve)]() mutable {
                   on_resolve(std::move(literal));
                 });
  }
  if (!impl_->resolver) {
    auto made = DnsResolver::create(*impl_->loop, impl_->resolv_conf);
    if (!made) {
      return after(Duration::zero(), [error = made.error(), on_resolve = std::move(on_resolve)]() mutable {
        on_resolve(std::unexpected(std::move(error)));
      });
    }
    impl_->resolver = std::move(*made);
  }
  return impl_->resolver->resolve(name, family, std::move(on_resolve));
}

void LibeventReactor::close_gracefully(std::unique_ptr<TcpConnection> connection, Duration linger) {
  auto* ours = dynamic_cast<LibeventTcpConnection*>(connection.get());
  if (ours == nullptr) return destroy_later(std::move(connection));
  (void)connection.release();
  impl_->closer.close(*this, std::unique_ptr<LibeventTcpConnection>(ours), linger);
}

void LibeventReactor::sweep_later(Callback callback) {
  impl_->loop->turn_end().sweep_later(std::move(callback));
}

}  // namespace libpreconf
