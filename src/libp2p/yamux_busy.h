#pragma once
// Marks that calls of a session are on the stack, and frees what died once the outermost returns.

#include "libp2p/yamux_session.h"

namespace libpreconf::libp2p {

class YamuxSession::Busy {
 public:
  explicit Busy(YamuxSession& session) : session_(session) { ++session_.busy_; }
  ~Busy() {
    if (--session_.busy_ > 0 || session_.graveyard_.empty()) return;
    // Destructors of observers may reach the session again.
    const auto dead = std::move(session_.graveyard_);
    session_.graveyard_.clear();
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  YamuxSession& session_;
};

}  // namespace libpreconf::libp2p
