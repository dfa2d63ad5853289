#pragma once
// Messages of this node's own that go to gossip, in order. A message for which no peer is subscribed yet is
// tried again for a slot; peers that come later fetch it by request.
//
// Owned by PreconfirmationClient.

#include <deque>
#include <variant>

#include "preconf/client_context.h"

namespace libpreconf::preconf {

class Outbox {
 public:
  explicit Outbox(ClientContext& context) : context_(context) {}

  void send(p2p::RawTxList list) { push(std::move(list)); }
  void send(const p2p::SignedCommitment& commitment) { push(commitment); }
  void stop();
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }

 private:
  using Message = std::variant<p2p::RawTxList, p2p::SignedCommitment>;
  struct Waiting {
    Message message;
    Instant since;
  };

  void push(Message message);
  void flush();
  [[nodiscard]] bool publish(const Message& message);

  ClientContext& context_;
  std::deque<Waiting> waiting_;
  Handle retry_;
};

}  // namespace libpreconf::preconf
