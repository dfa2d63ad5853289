#pragma once
// A stream as protocols see it: a yamux stream, first under negotiation, then agreed.
//
//   outbound: proposing -(agreed)-> open      inbound: listening -(agreed)-> open
//             -(refused, timed out, reset)-> dead, OnStream hears the error
//
// Owned by its yamux stream. The handle of an outbound stream under negotiation points back here and is
// unlinked when the negotiation ends.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "libp2p/multistream.h"
#include "libp2p/stream.h"
#include "libp2p/yamux_stream.h"
#include "libpreconf/reactor/reactor.h"

namespace libpreconf::libp2p {

class Connection;
class OpenStreamRequest;

using OnStream = std::move_only_function<void(Result<Stream*>)>;

class ConnectionStream final : public Stream, public YamuxStreamObserver {
 public:
  ConnectionStream(Connection& connection, YamuxStream& stream);
  ~ConnectionStream() override;

  /// Outbound: begins to negotiate. Destroying the handle resets the stream.
  [[nodiscard]] Handle propose(std::vector<std::string> protocols, OnStream on_stream);
  /// Inbound: begins to listen.
  void listen();
  /// Whether it began to negotiate at or before `then` and still does.
  [[nodiscard]] bool negotiating_since(Instant then) const;
  /// Ends a negotiation; the callback of an outbound one hears `error`.
  void fail_negotiation(const Error& error);

  // Stream
  [[nodiscard]] const ConnectionInfo& connection() const override;
  [[nodiscard]] std::string_view protocol() const override { return protocol_; }
  [[nodiscard]] Direction direction() const override { return stream_.direction(); }
  void write(ByteView bytes) override { stream_.write(bytes); }
  void write(SharedBytes bytes) override { stream_.write(std::move(bytes)); }
  [[nodiscard]] std::size_t queued() const override { return stream_.queued(); }
  void close_write() override;
  void close_write_once_read() override;
  void reset() override;
  void set_reading(bool reading) override { stream_.set_reading(reading); }
  void set_receiver(StreamReceiver* receiver) override { receiver_ = receiver; }

 private:
  friend class OpenStreamRequest;
  struct Negotiation {
    std::variant<MultistreamDialer, MultistreamListener> role;
    Instant started;
    OnStream on_stream;
    OpenStreamRequest* request = nullptr;
  };

  // YamuxStreamObserver
  void on_data(ByteView bytes) override;
  void on_remote_closed() override;
  void on_writable() override;
  void on_reset() override;

  [[nodiscard]] ByteView negotiate(ByteView bytes);
  void agree(const std::string& protocol);
  /// Ends the negotiation's bookkeeping and hands out its callback.
  [[nodiscard]] OnStream finish_negotiation();
  void detach();

  Connection& connection_;
  YamuxStream& stream_;
  StreamReceiver* receiver_ = nullptr;
  std::unique_ptr<Negotiation> negotiation_;
  std::string protocol_;
  bool keeps_alive_ = true;
  bool write_closed_ = false;
  bool remote_closed_ = false;
};

}  // namespace libpreconf::libp2p
