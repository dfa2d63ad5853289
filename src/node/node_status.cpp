#include "node/node_status.h"

namespace libpreconf::node {
namespace {

bool is_synced(const std::optional<std::uint64_t>& next, std::uint64_t canonical) {
  return next && (*next == 0 || canonical >= *next - 1);
}

std::string_view describe(p2p::ScheduleOutOfRange::Reason reason) {
  using Reason = p2p::ScheduleOutOfRange::Reason;
  switch (reason) {
    case Reason::before_genesis:
      return "is before genesis";
    case Reason::too_old:
      return "is too old for the schedule";
    case Reason::too_new:
      break;
  }
  return "is too new for the schedule";
}

}  // namespace

NodeStatus make_status(StatusInputs inputs) {
  NodeStatus status;
  status.is_synced_with_inbox = is_synced(inputs.next_proposal_id, inputs.canonical_proposal_id);
  if (inputs.event_sync_tip) status.event_sync_tip = *inputs.event_sync_tip;
  if (inputs.preconf_tip) status.preconf_tip = *inputs.preconf_tip;
  status.canonical_proposal_id = inputs.canonical_proposal_id;
  status.peer_count = inputs.peer_count;
  status.peer_id = std::move(inputs.peer_id);
  status.ready = status.is_synced_with_inbox && inputs.live;
  status.head_block = inputs.head.block_number;
  return status;
}

rpc::StatusFields status_fields(NodeStatus status) {
  rpc::StatusFields fields;
  fields.is_synced_with_inbox = status.is_synced_with_inbox;
  fields.event_sync_tip = status.event_sync_tip;
  fields.preconf_tip = status.preconf_tip;
  fields.canonical_proposal_id = status.canonical_proposal_id;
  fields.peer_count = status.peer_count;
  fields.peer_id = std::move(status.peer_id);
  fields.ready = status.ready;
  fields.head_block = status.head_block;
  fields.version = PRECONF_VERSION;
  return fields;
}

std::expected<SlotInfo, SlotInfoError> answer_slot_info(const p2p::SignerSchedule& schedule,
                                                        const U256& timestamp) {
  const p2p::ScheduleAnswer answer = schedule.elected_at(timestamp);
  const std::string when = "lookahead error: timestamp " + timestamp.to_decimal() + " ";
  if (const auto* elected = std::get_if<p2p::ElectedSigner>(&answer)) {
    return SlotInfo{
        .signer = elected->signer,
        .submission_window_end = elected->any_window_end ? timestamp : elected->submission_window_end};
  }
  if (const auto* range = std::get_if<p2p::ScheduleOutOfRange>(&answer)) {
    return std::unexpected(
        SlotInfoError{.out_of_range = true, .message = when + std::string(describe(range->reason))});
  }
  return std::unexpected(
      SlotInfoError{.out_of_range = false, .message = when + "has no known preconfer yet"});
}

}  // namespace libpreconf::node
