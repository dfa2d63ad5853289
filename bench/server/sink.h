#pragma once
// The other end of the bulk race: counts bytes until the writer half-closes, answers with their number.

#include <cstdint>
#include <memory>

#include "libp2p/stream.h"

namespace libpreconf::bench {

class Sink final : public libp2p::Protocol {
 public:
  [[nodiscard]] std::vector<std::string> protocol_ids() const override;
  libp2p::StreamReceiver* on_inbound_stream(libp2p::Stream& stream) override;

 private:
  class Count final : public libp2p::StreamReceiver {
   public:
    void on_data(libp2p::Stream&, ByteView bytes) override { total_ += bytes.size(); }
    void on_remote_closed(libp2p::Stream& stream) override;
    void on_reset(libp2p::Stream&) override {}

   private:
    std::uint64_t total_ = 0;
  };

  /// Kept to the end: a race has a handful of streams.
  std::vector<std::unique_ptr<Count>> counts_;
};

}  // namespace libpreconf::bench
