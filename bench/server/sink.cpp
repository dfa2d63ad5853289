#include "server/sink.h"

#include "common/names.h"

namespace libpreconf::bench {

std::vector<std::string> Sink::protocol_ids() const {
  return {std::string(kSinkProtocol)};
}

libp2p::StreamReceiver* Sink::on_inbound_stream(libp2p::Stream&) {
  return counts_.emplace_back(std::make_unique<Count>()).get();
}

void Sink::Count::on_remote_closed(libp2p::Stream& stream) {
  FixedBytes<8> answer{};
  for (std::size_t i = 0; i < answer.size(); ++i)
    answer[7 - i] = static_cast<std::uint8_t>(total_ >> (8 * i));
  stream.write(answer);
  stream.close_write();
}

}  // namespace libpreconf::bench
