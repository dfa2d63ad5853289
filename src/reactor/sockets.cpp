#include "reactor/sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "reactor/limits.h"

namespace libpreconf {
namespace {

struct SystemAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
};

SystemAddress to_system(const SocketAddress& address) noexcept {
  SystemAddress out;
  if (address.is_v6()) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port());
    std::memcpy(&v6.sin6_addr, address.ip().data(), 16);
    std::memcpy(&out.storage, &v6, sizeof v6);
    out.size = sizeof v6;
  } else {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port());
    std::memcpy(&v4.sin_addr, address.ip().data(), 4);
    std::memcpy(&out.storage, &v4, sizeof v4);
    out.size = sizeof v4;
  }
  return out;
}

SocketAddress from_system(const SystemAddress& address) noexcept {
  if (address.storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address.storage, sizeof v6);
    FixedBytes<16> ip;
    std::memcpy(ip.data(), &v6.sin6_addr, 16);
    return SocketAddress::v6(ip, ntohs(v6.sin6_port));
  }
  sockaddr_in v4{};
  std::memcpy(&v4, &address.storage, sizeof v4);
  FixedBytes<4> ip;
  std::memcpy(ip.data(), &v4.sin_addr, 4);
  return SocketAddress::v4(ip, ntohs(v4.sin_port));
}

void set_option(int fd, int level, int option, int value) noexcept {
  // Options are wishes: a kernel that refuses one still moves bytes.
  (void)::setsockopt(fd, level, option, &value, sizeof value);
}

Result<FileDescriptor> open_socket(const SocketAddress& address, int type) {
  const int family = address.is_v6() ? AF_INET6 : AF_INET;
  FileDescriptor fd(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(socket_error(errno, address.to_string()));
  // "[::]" means IPv6 alone, so that what is bound does not depend on a system setting.
  if (address.is_v6()) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  return fd;
}

std::ptrdiff_t moved_or_error(ssize_t moved) noexcept {
  return moved >= 0 ? moved : -errno;
}

}  // namespace

void FileDescriptor::reset() noexcept {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Error socket_error(int error, std::string_view context) {
  ErrorCode code = ErrorCode::io;
  switch (error) {
    case ECONNREFUSED:
      code = ErrorCode::refused;
      break;
    case ETIMEDOUT:
      code = ErrorCode::timed_out;
      break;
    case EACCES:
    case EPERM:
      code = ErrorCode::permission;
      break;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EADDRNOTAVAIL:
      code = ErrorCode::unavailable;
      break;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      code = ErrorCode::limit;
      break;
    default:
      break;
  }
  return Error{code, std::string(context) + ": " + std::generic_category().message(error)};
}

Result<FileDescriptor> open_tcp_listener(const SocketAddress& address, int backlog) {
  PRECONF_TRY(FileDescriptor fd, open_socket(address, SOCK_STREAM));
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  SystemAddress system = to_system(address);
  if (::bind(fd.get(), system.get(), system.size) != 0 || ::listen(fd.get(), backlog) != 0) {
    const int error = errno;
    Error failure = socket_error(error, "cannot listen on " + address.to_string());
    if (error != EACCES && error != EPERM) failure.code = ErrorCode::io;
    return std::unexpected(std::move(failure));
  }
  return fd;
}

Result<FileDescriptor> open_udp(const SocketAddress& address) {
  PRECONF_TRY(FileDescriptor fd, open_socket(address, SOCK_DGRAM));
  SystemAddress system = to_system(address);
  if (::bind(fd.get(), system.get(), system.size) != 0) {
    const int error = errno;
    Error failure = socket_error(error, "cannot bind " + address.to_string());
    if (error != EACCES && error != EPERM) failure.code = ErrorCode::io;
    return std::unexpected(std::move(failure));
  }
  return fd;
}

Result<FileDescriptor> begin_tcp_connect(const SocketAddress& address) {
  PRECONF_TRY(FileDescriptor fd, open_socket(address, SOCK_STREAM));
  set_no_delay(fd.get());
  SystemAddress system = to_system(address);
  if (::connect(fd.get(), system.get(), system.size) != 0 && errno != EINPROGRESS && errno != EINTR) {
    return std::unexpected(socket_error(errno, "cannot connect to " + address.to_string()));
  }
  return fd;
}

int pending_socket_error(int fd) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

Accepted accept_tcp(int listener) noexcept {
  SystemAddress from;
  Accepted out;
  out.socket = FileDescriptor(::accept4(listener, from.get(), &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!out.socket) {
    out.error = errno;
    return out;
  }
  set_no_delay(out.socket.get());
  out.remote = from_system(from);
  return out;
}

void set_no_delay(int fd) noexcept {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

SocketAddress local_address_of(int fd) noexcept {
  SystemAddress address;
  if (::getsockname(fd, address.get(), &address.size) != 0) return {};
  return from_system(address);
}

std::ptrdiff_t receive(int fd, MutableByteView into) noexcept {
  return moved_or_error(::recv(fd, into.data(), into.size(), MSG_DONTWAIT));
}

std::ptrdiff_t send_gathered(int fd, std::span<const ByteView> pieces) noexcept {
  std::array<iovec, reactor_limits::kGatherPieces> vectors;
  std::size_t count = 0;
  for (const ByteView piece : pieces) {
    if (count == vectors.size()) break;
    vectors[count++] = iovec{const_cast<std::uint8_t*>(piece.data()), piece.size()};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  return moved_or_error(::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
}

std::ptrdiff_t receive_datagram(int fd, MutableByteView into, SocketAddress& from) noexcept {
  SystemAddress address;
  const ssize_t received =
      ::recvfrom(fd, into.data(), into.size(), MSG_DONTWAIT, address.get(), &address.size);
  if (received >= 0) from = from_system(address);
  return moved_or_error(received);
}

std::ptrdiff_t send_datagram(int fd, const SocketAddress& to, ByteView datagram) noexcept {
  SystemAddress address = to_system(to);
  return moved_or_error(::sendto(fd, datagram.data(), datagram.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                                 address.get(), address.size));
}

void shut_down_writing(int fd) noexcept {
  (void)::shutdown(fd, SHUT_WR);
}

void shut_down(int fd) noexcept {
  (void)::shutdown(fd, SHUT_RDWR);
}

}  // namespace libpreconf
