#include "floor/sealed.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace libpreconf::bench {
namespace {

constexpr std::size_t kBuffer = 256 << 10;

bool write_all(int socket, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

SealedSocket::SealedSocket(int socket)
    : socket_(socket), send_(FixedBytes<32>{1}), receive_(FixedBytes<32>{1}), in_(kBuffer) {}

SealedSocket::~SealedSocket() {
  if (epoll_ >= 0) close(epoll_);
}

void SealedSocket::use_epoll() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{.events = EPOLLIN, .data = {.fd = socket_}};
  (void)epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_, &event);
}

bool SealedSocket::write(ByteView plaintext) {
  out_.clear();
  append_sealed(plaintext, out_);
  return write_sealed(out_);
}

void SealedSocket::append_sealed(ByteView plaintext, Bytes& out) {
  const std::size_t sealed = plaintext.size() + crypto::ChaCha20Poly1305::kTagSize;
  const std::size_t at = out.size();
  out.resize(at + 2 + sealed);
  out[at] = static_cast<std::uint8_t>(sealed >> 8);
  out[at + 1] = static_cast<std::uint8_t>(sealed);
  send_.seal(sent_++, {}, plaintext, MutableByteView(out).subspan(at + 2));
}

bool SealedSocket::write_sealed(ByteView frames) {
  return write_all(socket_, frames);
}

ByteView SealedSocket::read() {
  for (;;) {
    const std::size_t have = end_ - begin_;
    const std::size_t size = have < 2 ? 0 : std::size_t{in_[begin_]} << 8 | in_[begin_ + 1];
    if (have >= 2 && have >= 2 + size) {
      const MutableByteView frame = MutableByteView(in_).subspan(begin_ + 2, size);
      begin_ += 2 + size;
      if (!receive_.open(received_++, {}, frame, frame.first(size - crypto::ChaCha20Poly1305::kTagSize))) {
        return {};
      }
      return frame.first(size - crypto::ChaCha20Poly1305::kTagSize);
    }
    std::memmove(in_.data(), in_.data() + begin_, have);
    begin_ = 0;
    end_ = have;
    if (epoll_event event; epoll_ >= 0 && epoll_wait(epoll_, &event, 1, -1) <= 0) return {};
    const ssize_t got = ::recv(socket_, in_.data() + end_, in_.size() - end_, 0);
    if (got <= 0) return {};
    end_ += static_cast<std::size_t>(got);
  }
}

}  // namespace libpreconf::bench
