#pragma once
// Connections that a reactor writes out and closes for somebody who does not own them any more.

#include <list>
#include <memory>

#include "libpreconf/reactor/reactor.h"

namespace libpreconf {

/// `Connection` has `bool finish(std::move_only_function<void()> done)`.
template <class Connection>
class GracefulCloser {
 public:
  void close(Reactor& reactor, std::unique_ptr<Connection> connection, Duration linger) {
    const auto which = closing_.emplace(closing_.end());
    which->connection = std::move(connection);
    // The end comes from the connection or from the deadline; both run from the stack and may go at once.
    const auto ended = [this, which] { closing_.erase(which); };
    if (!which->connection->finish(ended)) return ended();
    which->deadline = reactor.after(linger, ended);
  }
  void clear() { closing_.clear(); }

 private:
  struct Closing {
    std::unique_ptr<Connection> connection;
    Handle deadline;
  };
  std::list<Closing> closing_;
};

}  // namespace libpreconf
