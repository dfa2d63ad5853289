#pragma once
// What a PreconfirmationClient tells its subscribers (node book 5.4, with hand-over and equivocation beside
// it).

#include <cstdint>
#include <string>
#include <variant>

#include "libpreconf/preconf/commitment_store.h"

namespace libpreconf::preconf {

/// A commitment was validated and stored; a marker as well as a block.
struct NewCommitment {
  StoredCommitment stored;
};
/// A transaction list whose bytes hash to its name is held.
struct NewTxList {
  Hash256 hash{};
};
/// Event sync is done and the node is live: after a catch-up, or at once where no peer is connected.
struct Synced {};
struct PeerConnected {
  std::string peer_id;
};
struct PeerDisconnected {
  std::string peer_id;
};
/// The preconfer ended its window: a marker was accepted, or a block with eop went to the driver.
struct Handover {
  std::uint64_t block_number = 0;
  Address signer{};
  U256 submission_window_end;
  bool marker = false;
};
/// One signer promised two different blocks for a height. Both commitments are kept: together they are
/// evidence.
struct Equivocation {
  StoredCommitment first;
  StoredCommitment second;
};
/// Something went wrong that an operator may want to see; the client goes on.
struct ClientError {
  std::string text;
};

using ClientEvent = std::variant<NewCommitment, NewTxList, Synced, PeerConnected, PeerDisconnected, Handover,
                                 Equivocation, ClientError>;

}  // namespace libpreconf::preconf
