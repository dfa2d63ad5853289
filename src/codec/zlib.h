#pragma once
// zlib streams (RFC 1950) with a hard cap on the output, in slices that do not hold the loop.

#include <memory>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"

namespace libpreconf::codec {

/// Inflates one zlib stream piece by piece; the compressed bytes stay the caller's and must outlive it. Bytes
/// after the end of the stream are tolerated (node book 10.3).
class Inflater {
 public:
  /// More than `max_output` bytes of output: too_large, decided after max_output + 1 bytes.
  Inflater(ByteView compressed, std::size_t max_output);
  ~Inflater();
  Inflater(Inflater&&) noexcept;

  /// Produces at most `budget` more bytes of output from at most as many of input (so that a stream of empty
  /// blocks holds nobody up); true when the stream has ended. A budget of 0 counts as 1.
  [[nodiscard]] Result<bool> step(std::size_t budget);
  [[nodiscard]] Bytes take_output();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Deflates piece by piece at the default level, as the network's publishers do. 1 MiB takes tens of
/// milliseconds, so whoever is on the loop takes steps of 16 KiB or so. The data must outlive the object.
class Deflater {
 public:
  explicit Deflater(ByteView data);
  ~Deflater();
  Deflater(Deflater&&) noexcept;

  /// Takes at most `budget` more bytes of input; true when the stream is complete. A budget of 0 counts as 1.
  [[nodiscard]] Result<bool> step(std::size_t budget);
  [[nodiscard]] Bytes take_output();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The whole stream at once, for inputs that are known to be small, and for tests.
[[nodiscard]] Result<Bytes> zlib_decompress(ByteView compressed, std::size_t max_output);
/// Default level, as the network's publishers do.
[[nodiscard]] Result<Bytes> zlib_compress(ByteView data);

}  // namespace libpreconf::codec
