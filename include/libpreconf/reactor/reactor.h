#pragma once
// The loop as the rest of the node sees it: timers, TCP, UDP and name resolution, all by callback.
//
// Two implementations: LibeventReactor (real sockets) and SimulatedReactor (virtual time, an in-memory
// network). One thread; nothing here blocks.
//
// The rule of handles: whatever is registered returns a move-only handle. Destroying the handle cancels, and
// the callback never runs afterwards. A callback may destroy its own handle, and may destroy any object:
// the reactor calls through a copy on its own stack (one-shot callbacks) or marks the registration and
// frees it after the turn (repeating ones, sockets).

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/clock.h"
#include "libpreconf/base/result.h"

namespace libpreconf {

/// Base of everything that a handle keeps alive.
class Registration {
 public:
  virtual ~Registration() = default;
};

/// A move-only handle. Empty handles are fine; destroying or resetting a full one cancels.
class [[nodiscard]] Handle {
 public:
  Handle() = default;
  explicit Handle(std::unique_ptr<Registration> registration) : registration_(std::move(registration)) {}
  Handle(Handle&&) noexcept = default;
  Handle& operator=(Handle&& other) noexcept {
    // The old registration goes after the new one is in place: its destructor may look at this handle.
    std::unique_ptr<Registration> old = std::move(registration_);
    registration_ = std::move(other.registration_);
    return *this;
  }
  ~Handle() = default;

  void reset() noexcept { const auto old = std::move(registration_); }
  [[nodiscard]] explicit operator bool() const noexcept { return registration_ != nullptr; }

 private:
  std::unique_ptr<Registration> registration_;
};

using TimerHandle = Handle;

/// An IP address and a port; what a socket is bound or connected to.
class SocketAddress {
 public:
  SocketAddress() = default;
  [[nodiscard]] static SocketAddress v4(FixedBytes<4> ip, std::uint16_t port);
  [[nodiscard]] static SocketAddress v6(FixedBytes<16> ip, std::uint16_t port);
  /// "127.0.0.1:9000", "[::1]:9000". No names: malformed says what was expected.
  [[nodiscard]] static Result<SocketAddress> parse(std::string_view text);

  [[nodiscard]] bool is_v6() const noexcept { return v6_; }
  [[nodiscard]] bool is_loopback() const noexcept;
  [[nodiscard]] bool is_unspecified() const noexcept;
  /// 4 or 16 bytes.
  [[nodiscard]] ByteView ip() const noexcept { return ByteView(ip_).first(v6_ ? 16 : 4); }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] SocketAddress with_port(std::uint16_t port) const;
  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;

 private:
  FixedBytes<16> ip_{};
  std::uint16_t port_ = 0;
  bool v6_ = false;
};

/// One TCP connection. Created connected, silent until `start`. Destroying it closes the socket at once;
/// what was not written is lost. States: idle -start-> open -(end, error)-> closed.
class TcpConnection {
 public:
  struct Callbacks {
    /// Bytes arrived. The view is valid only during the call.
    std::move_only_function<void(ByteView)> on_data;
    /// The output queue, once over kOutputHighWater, has fallen below kOutputLowWater.
    std::move_only_function<void()> on_drained;
    /// The connection ended: ErrorCode::closed for an orderly end by the other side, else the cause.
    /// The last callback. Output that waits is dropped.
    std::move_only_function<void(const Error&)> on_closed;
  };
  static constexpr std::size_t kOutputHighWater = 1 << 20;
  static constexpr std::size_t kOutputLowWater = 256 << 10;

  virtual ~TcpConnection() = default;
  /// Begins to read. Called once; callbacks never run inside this call.
  virtual void start(Callbacks callbacks) = 0;
  /// Room for `size` bytes at the end of the output queue, to be filled in place; valid until the next
  /// call of any member. `commit(n)` with n <= size makes the first n of them output.
  [[nodiscard]] virtual MutableByteView prepare(std::size_t size) = 0;
  virtual void commit(std::size_t size) = 0;
  /// Queues a copy of `bytes`. Writes happen at the end of the loop turn, gathered. The queue is not bounded
  /// here: who sends looks at `pending()`.
  void send(ByteView bytes);
  /// Bytes queued and not yet taken by the kernel.
  [[nodiscard]] virtual std::size_t pending() const = 0;
  /// Stops and resumes reading (backpressure towards the other side).
  virtual void set_reading(bool reading) = 0;
  [[nodiscard]] virtual SocketAddress local_address() const = 0;
  [[nodiscard]] virtual SocketAddress remote_address() const = 0;
};

/// One UDP socket.
class UdpSocket {
 public:
  virtual ~UdpSocket() = default;
  /// False if the datagram could not be handed to the kernel; it is then lost, as on any network.
  virtual bool send_to(const SocketAddress& to, ByteView datagram) = 0;
  [[nodiscard]] virtual SocketAddress local_address() const = 0;
};

/// A listening TCP socket; destroying it stops listening.
class TcpListener {
 public:
  virtual ~TcpListener() = default;
  [[nodiscard]] virtual SocketAddress local_address() const = 0;
};

enum class AddressFamily : std::uint8_t { any, v4, v6 };

class Reactor : public Clock {
 public:
  using Callback = std::move_only_function<void()>;
  using OnAccept = std::move_only_function<void(std::unique_ptr<TcpConnection>)>;
  using OnConnect = std::move_only_function<void(Result<std::unique_ptr<TcpConnection>>)>;
  using OnDatagram = std::move_only_function<void(const SocketAddress& from, ByteView datagram)>;
  using OnResolve = std::move_only_function<void(Result<std::vector<SocketAddress>>)>;

  /// Calls back once, not before `delay` has passed; never inside this call, even for a delay of 0.
  virtual TimerHandle after(Duration delay, Callback callback) = 0;
  /// Calls back each `interval` (> 0), the first time after one interval. Missed ticks are skipped.
  virtual TimerHandle every(Duration interval, Callback callback) = 0;
  /// Destroys the object after the turn, when no callback of it can be on the stack.
  template <class T>
  void destroy_later(std::unique_ptr<T> object) {
    if (object) sweep_later([kept = std::move(object)]() mutable { kept.reset(); });
  }

  /// Listens with a backlog of 1024. Port 0 picks a free one. Errors: io or permission, naming the address.
  [[nodiscard]] virtual Result<std::unique_ptr<TcpListener>> listen_tcp(const SocketAddress& address,
                                                                        OnAccept on_accept) = 0;
  /// Connects; calls back once, never inside this call. TCP_NODELAY is set on every connection.
  [[nodiscard]] virtual Handle connect_tcp(const SocketAddress& address, OnConnect on_connect) = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<UdpSocket>> bind_udp(const SocketAddress& address,
                                                                    OnDatagram on_datagram) = 0;
  /// Resolves a host name (A and AAAA) or a literal address; calls back once with at least one address
  /// (port 0) or an error; never inside this call.
  [[nodiscard]] virtual Handle resolve(std::string_view name, AddressFamily family, OnResolve on_resolve) = 0;
  /// Lets a connection that nobody owns any more write out its queue for at most `linger`, then closes it.
  virtual void close_gracefully(std::unique_ptr<TcpConnection> connection, Duration linger) = 0;

 protected:
  virtual void sweep_later(Callback callback) = 0;
};

}  // namespace libpreconf
