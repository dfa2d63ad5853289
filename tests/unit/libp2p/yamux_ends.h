#pragma once
// Two ends of a yamux session and what they hear, for the tests of the session.

#include <gtest/gtest.h>

#include "libp2p/yamux_session.h"
#include "support/vectors.h"

namespace libpreconf::libp2p::yamux_test {

using test::unhex;

/// Keeps what one stream hears.
struct Heard {
  Bytes data;
  int remote_closed = 0;
  int writable = 0;
  int reset = 0;
};

class Recorder final : public YamuxStreamObserver {
 public:
  explicit Recorder(Heard& heard) : heard_(heard) {}
  void on_data(ByteView bytes) override { heard_.data.insert(heard_.data.end(), bytes.begin(), bytes.end()); }
  void on_remote_closed() override { ++heard_.remote_closed; }
  void on_writable() override { ++heard_.writable; }
  void on_reset() override { ++heard_.reset; }

 private:
  Heard& heard_;
};

/// One end of a session; `wire` moves bytes.
class End final : public YamuxSessionObserver {
 public:
  explicit End(Direction direction) : session(direction, *this) {}

  void on_inbound_stream(YamuxStream& stream) override {
    inbound.push_back(&stream);
    if (accepts) stream.set_observer(std::make_unique<Recorder>(heard));
  }
  void on_output() override { ++outputs; }

  YamuxStream& open() {
    YamuxStream& stream = **session.open_stream();
    stream.set_observer(std::make_unique<Recorder>(heard));
    return stream;
  }
  /// All that there is to send.
  Bytes take(std::size_t room = limits::kNoisePlaintext) {
    Bytes out;
    Bytes buffer(room);
    while (const std::size_t filled = session.fill(buffer)) {
      out.insert(out.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(filled));
    }
    return out;
  }
  Result<> receive(const Bytes& bytes) { return session.receive(bytes, now); }
  Result<> receive(std::string_view hex) { return receive(unhex(hex)); }

  Instant now{Duration(std::chrono::seconds(1))};
  Heard heard;
  std::vector<YamuxStream*> inbound;
  bool accepts = true;
  int outputs = 0;
  YamuxSession session;
};

class YamuxFixture : public testing::Test {
 protected:
  /// Moves bytes both ways until both are silent.
  void exchange() {
    for (;;) {
      const Bytes forth = dialer_.take();
      const Bytes back = listener_.take();
      if (forth.empty() && back.empty()) return;
      ASSERT_TRUE(listener_.receive(forth).has_value());
      ASSERT_TRUE(dialer_.receive(back).has_value());
    }
  }
  /// The header of the first frame.
  static YamuxHeader header(const Bytes& bytes) {
    EXPECT_GE(bytes.size(), YamuxHeader::kSize);
    return YamuxHeader::decode(std::span(bytes).first<YamuxHeader::kSize>());
  }
  End dialer_{Direction::outbound};
  End listener_{Direction::inbound};
};

inline Bytes frame(YamuxType type, std::uint16_t flags, std::uint32_t stream, std::uint32_t length,
                   Bytes body = {}) {
  Bytes out(YamuxHeader::kSize);
  YamuxHeader{0, static_cast<std::uint8_t>(type), flags, stream, length}.encode(
      std::span(out).first<YamuxHeader::kSize>());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

inline Bytes data(std::uint16_t flags, std::uint32_t stream, Bytes body) {
  const auto size = static_cast<std::uint32_t>(body.size());
  return frame(YamuxType::data, flags, stream, size, std::move(body));
}

}  // namespace libpreconf::libp2p::yamux_test
