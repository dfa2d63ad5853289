#pragma once
// The two roles of an exchange. Private to request_response*.cpp; the states are in request_response.h.

#include "libp2p/request_response.h"
#include "libp2p/request_response_frame.h"

namespace libpreconf::libp2p {

/// Two ends that null each other when they go: a Responder and the exchange that it answers.
struct Responder::Link {
  RequestResponse::Served* exchange = nullptr;
  ~Link();
};

class RequestResponse::Asked final : public StreamReceiver {
 public:
  Asked(RequestResponse& owner, ExchangeId id, std::size_t protocol, OnResponse on_response);
  ~Asked() override;

  void open(ConnectionId connection, ByteView body);
  /// Fails without a stream; calls back after this turn.
  void fail_later(Error error);
  void set_handle(RequestHandle* handle) noexcept { handle_ = handle; }
  void abandon();
  /// Nothing calls back any more.
  void detach();

  void on_data(Stream& stream, ByteView bytes) override;
  void on_remote_closed(Stream& stream) override;
  void on_reset(Stream& stream) override;

 private:
  void on_opened(Result<Stream*> opened);
  void on_deadline();
  /// Keeps reading for the other side's sake until it ends the exchange.
  void drain();
  void reset();
  void remove();
  /// Hands out the result. May destroy everything: the last statement of whoever calls it.
  void settle(Result<Bytes> result);

  RequestResponse& owner_;
  ExchangeId id_;
  std::size_t protocol_;
  std::optional<ConnectionId> connection_;
  OnResponse on_response_;
  RequestHandle* handle_ = nullptr;
  SharedBytes frame_;
  LengthPrefixedReader reader_;
  Stream* stream_ = nullptr;
  bool draining_ = false;
  Handle opening_;
  TimerHandle deadline_;
};

class RequestResponse::Served final : public StreamReceiver {
 public:
  Served(RequestResponse& owner, ExchangeId id, std::size_t protocol, Stream& stream);
  ~Served() override;

  void answer(SharedBytes head, SharedBytes tail);
  /// Without an answer before it, a refusal.
  void finish();
  [[nodiscard]] std::size_t max_response() const noexcept;
  void unlink() noexcept { link_ = nullptr; }
  /// Nothing calls back any more; the responder becomes a no-op.
  void detach();
  [[nodiscard]] Counters& counters() noexcept { return owner_.counters_; }

  void on_data(Stream& stream, ByteView bytes) override;
  void on_remote_closed(Stream& stream) override;
  void on_reset(Stream& stream) override;

 private:
  void on_request();
  void on_deadline();
  void reset();
  void remove();

  RequestResponse& owner_;
  ExchangeId id_;
  std::size_t protocol_;
  ConnectionId connection_;
  PeerId peer_;
  LengthPrefixedReader reader_;
  Stream* stream_;
  Responder::Link* link_ = nullptr;
  bool remote_closed_ = false;
  bool answered_ = false;
  TimerHandle deadline_;
};

}  // namespace libpreconf::libp2p
