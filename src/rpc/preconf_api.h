#pragma once
// The preconf_* methods (node book, chapter 12) over functions that the node injects: this room knows neither
// the store nor the network.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/u256.h"
#include "libpreconf/preconf/publish.h"
#include "rpc/json_rpc.h"

namespace libpreconf::rpc {

/// preconf_getStatus: the upstream's fields of both versions, and ours (node book 12.7).
struct StatusFields {
  bool is_synced_with_inbox = false;
  std::optional<U256> event_sync_tip;
  U256 preconf_tip;
  std::uint64_t canonical_proposal_id = 0;
  std::size_t peer_count = 0;
  std::string peer_id;
  bool ready = false;
  U256 head_block;
  std::string version;
};

struct SlotInfoFields {
  Address signer{};
  U256 submission_window_end;
};

/// What the methods ask of the node. Callbacks run once, never inside the call, unless the handle goes first.
struct PreconfBackend {
  std::function<StatusFields()> status;
  std::function<std::expected<SlotInfoFields, RpcError>(const U256& timestamp)> slot_info;
  std::function<Handle(Bytes commitment, preconf::OnPublished)> publish_commitment;
  std::function<Handle(const Hash256& hash, std::shared_ptr<const Bytes> list, preconf::OnPublished)>
      publish_tx_list;
  std::function<Handle(preconf::PublishBlockRequest, preconf::OnPublished)> publish_block;
};

/// One code for each reason, in one table (node book 12.9).
[[nodiscard]] int code_of(preconf::PublishErrorKind kind);

/// A schedule that can never judge the timestamp is the caller's mistake; one that cannot yet is not.
inline constexpr int kLookaheadUnavailable = -32006;

/// Adds the seven methods. `backend` must outlive the table.
void add_preconf_methods(MethodTable& table, const PreconfBackend& backend);

}  // namespace libpreconf::rpc
