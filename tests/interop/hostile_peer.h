#pragma once
// A client of our own that completes noise and yamux as anyone would, and then says on its gossip stream
// whatever a test wants it to say. Each one has a fresh identity.
//
// It runs its own loop on the test's thread, only inside its calls.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "libp2p/identity.h"
#include "libp2p/stream.h"
#include "libpreconf/base/bytes.h"
#include "process/child_process.h"

namespace libpreconf::test {

class HostilePeer {
 public:
  HostilePeer();
  ~HostilePeer();

  /// Connects and opens a gossip stream; throws TestFailure if it cannot.
  void connect(const std::string& multiaddr);

  /// How a message is signed.
  enum class Signing { honest, forged, none };
  /// One RPC with one message, in its frame.
  [[nodiscard]] Bytes publish_frame(std::string_view topic, ByteView data, Signing signing);
  /// Writes bytes on the gossip stream. False if the stream ended before they were all on their way.
  bool send(const Bytes& bytes);
  /// Opens a stream for `protocol`, writes bytes and half-closes; what comes back until the end.
  [[nodiscard]] Bytes exchange(const std::string& protocol, ByteView bytes);

  /// Runs the loop, so that what was sent leaves, until `condition` holds; throws TestFailure naming `what`.
  void wait_until(std::string_view what, const std::function<bool()>& condition);
  /// True once the node has reset the gossip stream or ended the connection.
  [[nodiscard]] bool wait_until_cut_off(Milliseconds limit = kPatience);
  [[nodiscard]] bool cut_off() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The network's names on chain 167001.
inline constexpr std::string_view kCommitmentsTopic = "/taiko/167001/0/preconfirmationCommitments";
inline constexpr std::string_view kTxListsTopic = "/taiko/167001/0/rawTxLists";

}  // namespace libpreconf::test
