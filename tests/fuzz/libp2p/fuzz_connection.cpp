// Two connections over a pipe survive any order of calls and any split, and deliver what was written; a peer
// that says anything inside its noise channel, or before it, ends at most its own connection.
#include "fuzz/input.h"
#include "support/connection_pair.h"
#include "support/raw_dialer.h"

using namespace libpreconf;
using fuzz::require;
using namespace libpreconf::libp2p;
using test::ConnectionPair;
using test::ConnectionSide;

namespace {

struct Opened {
  test::StreamLog log;
  Handle handle;
  Bytes written;
  bool finished = false;
};

void honest(fuzz::Input& input) {
  ConnectionPair pair;
  pair.listener.echo = true;
  std::vector<std::unique_ptr<Opened>> streams;
  while (!input.empty()) {
    const std::uint8_t step = input.byte();
    Opened* const chosen = streams.empty() ? nullptr : streams[input.byte() % streams.size()].get();
    Stream* const stream = chosen == nullptr || chosen->finished ? nullptr : chosen->log.stream;
    switch (step % 8) {
      case 0: {
        if (streams.size() >= 20) break;
        auto opened = std::make_unique<Opened>();
        OnStream on_stream = [raw = opened.get()](Result<Stream*> result) {
          if (!result) return;
          raw->log.stream = *result;
          (*result)->set_receiver(&raw->log);
        };
        const char* const protocol = step < 200 ? "/echo/1" : "/none/1";
        if (auto handle = pair.dialer.connection->open_stream({protocol}, on_stream)) {
          opened->handle = std::move(*handle);
          streams.push_back(std::move(opened));
        }
        break;
      }
      case 1:
      case 2:
        if (stream != nullptr) {
          const Bytes bytes(1 + input.byte() * (step % 8 == 1 ? 1000 : 1), step);
          stream->write(ByteView(bytes));
          chosen->written.insert(chosen->written.end(), bytes.begin(), bytes.end());
        }
        break;
      case 3:
        if (stream != nullptr) {
          stream->close_write();
          chosen->finished = true;
        }
        break;
      case 4:
        if (stream != nullptr && step > 200) {
          stream->reset();
          chosen->log.stream = nullptr;
          chosen->written.clear();
          chosen->log.data.clear();
          chosen->finished = true;
        }
        break;
      case 5:
        if (chosen != nullptr) chosen->handle.reset();
        break;
      case 6:
        pair.dialer.flush();
        pair.ends.pipe->move(step / 8 % 2, 1 + input.byte());
        break;
      default:
        pair.run(1 + step * 50);
        break;
    }
  }
  pair.run();
  require(pair.dialer.closed == 0 && pair.listener.closed == 0);
  for (const auto& opened : streams) require(opened->log.data == opened->written);
  pair.dialer.connection->request_close({ErrorCode::closed, "end"});
  pair.run();
  require(pair.dialer.closed == 1 && pair.listener.closed == 1);
  for (const auto& opened : streams) require(opened->log.resets <= 1);
}

void inside_the_channel(fuzz::Input& input) {
  ConnectionSide listener(KeyType::ed25519, 4);
  listener.echo = true;
  test::RawDialer dialer(listener);
  require(listener.connection->is_open());
  while (!input.empty()) {
    dialer.send(input.take(1 + input.byte()));
    require(listener.connection->stream_count() <= limits::kYamuxStreams);
  }
  listener.connection->expire_negotiations(listener.time);
  static_cast<void>(dialer.take());
}

void before_the_channel(fuzz::Input& input, Direction direction) {
  ConnectionSide side(KeyType::ed25519, 4);
  auto ends = test::MemoryPipe::make();
  const bool dials = direction == Direction::outbound;
  side.adopt(direction, std::move(dials ? ends.dialer : ends.listener), {});
  while (!input.empty()) {
    const std::size_t piece = input.byte();
    ends.pipe->inject(dials ? 1 : 0, input.take(1 + piece));
    ends.pipe->move(dials ? 1 : 0, 1 << 16);
  }
  require(side.upgraded == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  switch (input.byte() % 4) {
    case 0:
      honest(input);
      break;
    case 1:
      inside_the_channel(input);
      break;
    case 2:
      before_the_channel(input, Direction::inbound);
      break;
    default:
      before_the_channel(input, Direction::outbound);
      break;
  }
  return 0;
}
