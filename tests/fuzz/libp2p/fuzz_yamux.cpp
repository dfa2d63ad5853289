// A session comes to the same end however the bytes of a stranger are split, keeps its bounds, and hands out
// whole frames. Two honest sessions deliver what was written, in order, whatever the calls.
#include <map>

#include "fuzz/input.h"
#include "libp2p/yamux_session.h"

using namespace libpreconf;
using fuzz::require;
using namespace libpreconf::libp2p;

namespace {

struct StreamRecord {
  Bytes data;
  bool remote_closed = false;
  bool reset = false;
};

/// Reacts to what a stream brings by the number of its id, so that every call is made from inside callbacks.
class Recorder final : public YamuxStreamObserver {
 public:
  Recorder(YamuxStream& stream, StreamRecord& record, bool reacts)
      : stream_(stream), record_(record), reacts_(reacts) {}
  void on_data(ByteView bytes) override {
    require(!record_.remote_closed && !record_.reset);
    record_.data.insert(record_.data.end(), bytes.begin(), bytes.end());
  }
  void on_remote_closed() override {
    require(!record_.remote_closed && !record_.reset);
    record_.remote_closed = true;
    if (!reacts_) return;
    switch (stream_.id() % 8) {
      case 1:
      case 2:
        stream_.write(ByteView(record_.data));
        stream_.close_write();
        break;
      case 3:
      case 4:
        stream_.reset();
        break;
      case 5:
      case 6:
        stream_.write(as_bytes("answer"));
        stream_.close_write_once_read();
        break;
      default:
        stream_.set_reading(false);
        break;
    }
  }
  void on_writable() override {}
  void on_reset() override {
    require(!record_.reset);
    record_.reset = true;
  }

 private:
  YamuxStream& stream_;
  StreamRecord& record_;
  bool reacts_;
};

class End final : public YamuxSessionObserver {
 public:
  End(Direction direction, bool reacts) : session(direction, *this), reacts_(reacts) {}
  void on_inbound_stream(YamuxStream& stream) override {
    if (reacts_ && stream.id() % 16 == 15) return;
    adopt(stream);
  }
  void on_output() override {}
  void adopt(YamuxStream& stream) {
    auto& record = records[next_record++];
    by_id[stream.id()] = &record;
    stream.set_observer(std::make_unique<Recorder>(stream, record, reacts_));
  }
  Bytes take(std::size_t room) {
    Bytes out;
    Bytes buffer(room);
    while (const std::size_t filled = session.fill(buffer)) {
      require(filled <= room);
      out.insert(out.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(filled));
    }
    return out;
  }
  YamuxSession session;
  std::map<std::size_t, StreamRecord> records;
  std::map<std::uint32_t, StreamRecord*> by_id;
  std::size_t next_record = 0;

 private:
  bool reacts_;
};

void require_whole_frames(ByteView bytes) {
  while (!bytes.empty()) {
    require(bytes.size() >= YamuxHeader::kSize);
    const auto header = YamuxHeader::decode(bytes.first<YamuxHeader::kSize>());
    const bool data = header.type == static_cast<std::uint8_t>(YamuxType::data);
    bytes = bytes.subspan(YamuxHeader::kSize);
    require(!data || bytes.size() >= header.length);
    if (data) bytes = bytes.subspan(header.length);
  }
}

void stranger(ByteView bytes, std::size_t piece, Direction direction) {
  End whole(direction, true);
  End split(direction, true);
  const Instant now{Duration(std::chrono::hours(1))};
  const auto feed = [&](End& end, std::size_t size) {
    ByteView rest = bytes;
    while (!rest.empty()) {
      const ByteView part = rest.first(std::min(size, rest.size()));
      rest = rest.subspan(part.size());
      if (!end.session.receive(part, now)) return false;
    }
    return true;
  };
  const bool good = feed(whole, std::max<std::size_t>(bytes.size(), 1));
  require(good == feed(split, piece));
  require(whole.records.size() == split.records.size());
  for (const auto& [number, record] : whole.records) {
    const StreamRecord& other = split.records.at(number);
    require(record.data == other.data && record.remote_closed == other.remote_closed &&
            record.reset == other.reset);
  }
  require(whole.session.stream_count() <= limits::kYamuxStreams);
  require(whole.session.stream_count() == split.session.stream_count());
  const Bytes sent = whole.take(1000);
  require_whole_frames(sent);
  require(sent == split.take(1000));
  whole.session.end();
  split.session.end();
  require(whole.session.stream_count() == 0);
}

void honest(fuzz::Input& input) {
  End dialer(Direction::outbound, false);
  End listener(Direction::inbound, false);
  const Instant now{Duration(std::chrono::hours(1))};
  struct Open {
    YamuxStream* stream;
    std::uint32_t id;
    Bytes written;
    bool closed = false;
  };
  std::vector<Open> streams;
  const auto exchange = [&](std::size_t room) {
    for (Bytes forth = dialer.take(room), back = listener.take(room); !forth.empty() || !back.empty();
         forth = dialer.take(room), back = listener.take(room)) {
      require(listener.session.receive(forth, now).has_value());
      require(dialer.session.receive(back, now).has_value());
    }
  };
  while (!input.empty()) {
    const std::uint8_t step = input.byte();
    if (step % 8 == 0 && streams.size() < 100) {
      YamuxStream* const stream = *dialer.session.open_stream();
      dialer.adopt(*stream);
      streams.push_back({stream, stream->id(), {}});
    } else if (step % 8 == 7) {
      exchange(YamuxHeader::kSize + 600 + step * 100);
    } else if (!streams.empty()) {
      Open& open = streams[input.byte() % streams.size()];
      if (open.closed) continue;
      if (step % 8 < 6) {
        const Bytes bytes(input.byte() * (step % 8 == 5 ? 2000 : 3), step);
        open.stream->write(ByteView(bytes));
        open.written.insert(open.written.end(), bytes.begin(), bytes.end());
      } else {
        open.stream->close_write();
        open.closed = true;
      }
    }
  }
  exchange(limits::kNoisePlaintext);
  for (const Open& open : streams) {
    if (open.written.empty() && !open.closed) continue;
    const StreamRecord& heard = *listener.by_id.at(open.id);
    require(heard.data == open.written);
    require(heard.remote_closed == open.closed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t mode = input.byte();
  if (mode == 0) {
    honest(input);
  } else {
    const std::size_t piece = 1 + input.byte();
    stranger(input.rest(), piece, mode % 2 == 1 ? Direction::inbound : Direction::outbound);
  }
  return 0;
}
