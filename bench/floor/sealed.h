#pragma once
// Sealed frames on a blocking socket: two bytes of length, then ChaCha20-Poly1305.

#include "crypto/chacha20poly1305.h"
#include "libpreconf/base/bytes.h"

namespace libpreconf::bench {

class SealedSocket {
 public:
  explicit SealedSocket(int socket);
  ~SealedSocket();
  SealedSocket(const SealedSocket&) = delete;
  SealedSocket& operator=(const SealedSocket&) = delete;

  /// From now on `read` asks epoll before it reads, as a loop of many sockets must.
  void use_epoll();

  /// Seals and writes one frame of at most 64 KiB; false when the other side is gone.
  bool write(ByteView plaintext);
  /// Seals one frame for later.
  void append_sealed(ByteView plaintext, Bytes& out);
  /// Writes what was sealed before; false when the other side is gone.
  bool write_sealed(ByteView frames);
  /// The next frame's plaintext; empty when the other side is gone. Valid until the next call.
  [[nodiscard]] ByteView read();

 private:
  int socket_;
  int epoll_ = -1;
  crypto::ChaCha20Poly1305 send_;
  crypto::ChaCha20Poly1305 receive_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  Bytes out_;
  Bytes in_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace libpreconf::bench
