#pragma once
// How a protocol opens streams without knowing the swarm: Swarm::open_stream behind a function, or a test's.

#include <functional>
#include <string>
#include <vector>

#include "libp2p/stream.h"
#include "libpreconf/reactor/reactor.h"

namespace libpreconf::libp2p {

/// Opens a stream and negotiates the first of `protocols` that the remote has. Calls back exactly once, never
/// inside the call, unless the handle is destroyed first. The receiver is set in the callback.
using StreamOpener =
    std::move_only_function<Handle(ConnectionId connection, std::vector<std::string> protocols,
                                   std::move_only_function<void(Result<Stream*>)> on_stream)>;

}  // namespace libpreconf::libp2p
