#pragma once
// What preconf_getStatus and preconf_getPreconfSlotInfo say (node book 12.7, 12.8), from what the node knows.

#include "libpreconf/node/preconfirmation_driver_node.h"
#include "rpc/preconf_api.h"

namespace libpreconf::node {

struct StatusInputs {
  std::optional<std::uint64_t> next_proposal_id;  ///< absent: the inbox could not be read
  std::uint64_t canonical_proposal_id = 0;
  Result<U256> event_sync_tip;
  Result<U256> preconf_tip;
  p2p::PreconfHead head;
  bool live = false;
  std::size_t peer_count = 0;
  std::string peer_id;
};

[[nodiscard]] NodeStatus make_status(StatusInputs inputs);

/// As the RPC serves it.
[[nodiscard]] rpc::StatusFields status_fields(NodeStatus status);

/// A schedule that judges no window ends gives the asked value back (program.md "Who is elected").
[[nodiscard]] std::expected<SlotInfo, SlotInfoError> answer_slot_info(const p2p::SignerSchedule& schedule,
                                                                      const U256& timestamp);

}  // namespace libpreconf::node
