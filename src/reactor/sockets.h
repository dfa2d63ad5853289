#pragma once
// The operating system's sockets behind the types of the reactor: every descriptor owned, non-blocking and
// closed on exec, every failure an Error that names the address.

#include <string_view>
#include <utility>

#include "libpreconf/reactor/reactor.h"

namespace libpreconf {

/// Owns a descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~FileDescriptor() { reset(); }

  void reset() noexcept;
  /// Gives the descriptor up to another owner.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// What `errno` means to a caller; the message is "context: system's text".
[[nodiscard]] Error socket_error(int error, std::string_view context);

[[nodiscard]] Result<FileDescriptor> open_tcp_listener(const SocketAddress& address, int backlog);
[[nodiscard]] Result<FileDescriptor> open_udp(const SocketAddress& address);
/// Begins to connect; the socket turns writable when that is decided. A second value tells an error at once.
[[nodiscard]] Result<FileDescriptor> begin_tcp_connect(const SocketAddress& address);
/// How a connection attempt ended: 0, or an errno.
[[nodiscard]] int pending_socket_error(int fd) noexcept;

struct Accepted {
  FileDescriptor socket;
  SocketAddress remote;
  int error = 0;  ///< errno where there is no socket
};
[[nodiscard]] Accepted accept_tcp(int listener) noexcept;
void set_no_delay(int fd) noexcept;

[[nodiscard]] SocketAddress local_address_of(int fd) noexcept;

/// Bytes moved, or minus errno.
[[nodiscard]] std::ptrdiff_t receive(int fd, MutableByteView into) noexcept;
[[nodiscard]] std::ptrdiff_t send_gathered(int fd, std::span<const ByteView> pieces) noexcept;
[[nodiscard]] std::ptrdiff_t receive_datagram(int fd, MutableByteView into, SocketAddress& from) noexcept;
[[nodiscard]] std::ptrdiff_t send_datagram(int fd, const SocketAddress& to, ByteView datagram) noexcept;
void shut_down_writing(int fd) noexcept;
/// Both ways: the other side and whoever reads here see the end.
void shut_down(int fd) noexcept;

}  // namespace libpreconf
