#include "rpc/preconf_api.h"

#include "libpreconf/base/hex.h"
#include "libpreconf/p2p/messages.h"

namespace libpreconf::rpc {

using codec::Json;

namespace {

constexpr Duration kPublishDeadline = std::chrono::seconds(60);  // node book 12.1

std::unexpected<RpcError> invalid_params(std::string message) {
  return std::unexpected(RpcError{kInvalidParams, "invalid params: " + std::move(message)});
}

/// A hex member of the one parameter object. Missing, no text and bad hex are the caller's mistakes.
std::expected<Bytes, RpcError> hex_member(const RpcParams& params, std::string_view key, std::size_t max) {
  const Json value = params.single().at(key);
  if (!value.is_string()) return invalid_params(std::string(key) + ": a 0x hex string is required");
  auto bytes = params.hex(value, max);
  if (!bytes) return invalid_params(std::string(key) + ": " + bytes.error().message);
  return *std::move(bytes);
}

std::expected<Hash256, RpcError> hash_member(const RpcParams& params, std::string_view key) {
  const auto bytes = hex_member(params, key, 32);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() != 32) return invalid_params(std::string(key) + ": 32 bytes are required");
  return take_fixed<32>(*bytes);
}

std::expected<std::shared_ptr<const Bytes>, RpcError> list_member(const RpcParams& params) {
  // A list just over the cap is decoded, so that the caller hears "txlist too large" and not of hex.
  auto bytes = hex_member(params, "txList", p2p::kMaxTxListBytes + 1);
  if (!bytes) {
    if (params.text(params.single().at("txList")).size() / 2 > p2p::kMaxTxListBytes) {
      return std::unexpected(RpcError{code_of(preconf::PublishErrorKind::invalid_commitment),
                                      "validation error: txlist too large"});
    }
    return std::unexpected(bytes.error());
  }
  return std::make_shared<const Bytes>(*std::move(bytes));
}

RpcResult published_commitment(preconf::PublishResult result) {
  if (!result) return std::unexpected(RpcError{code_of(result.error().kind), result.error().message});
  Json out = Json::object();
  out.set("commitmentHash", Json::hex(result->commitment_hash));
  out.set("txListHash", Json::hex(result->tx_list_hash));
  return out;
}

RpcResult published_list(preconf::PublishResult result) {
  if (!result) return std::unexpected(RpcError{code_of(result.error().kind), result.error().message});
  Json out = Json::object();
  out.set("txListHash", Json::hex(result->tx_list_hash));
  return out;
}

Handle refuse(OnReply& reply, const RpcError& error) {
  reply(std::unexpected(error));
  return {};
}

void add_publish_methods(MethodTable& table, const PreconfBackend& backend) {
  table.add({"preconf_publishCommitment",
             "Validate, store and gossip a signed commitment; execute it when its list is held",
             kPublishDeadline, [&backend](const RpcParams& params, OnReply reply) -> Handle {
               auto commitment = hex_member(params, "commitment", p2p::kSignedCommitmentSize * 2);
               if (!commitment) return refuse(reply, commitment.error());
               return backend.publish_commitment(
                   *std::move(commitment), [reply = std::move(reply)](preconf::PublishResult result) mutable {
                     reply(published_commitment(std::move(result)));
                   });
             }});
  table.add({"preconf_publishTxList", "Store and gossip a compressed transaction list", kPublishDeadline,
             [&backend](const RpcParams& params, OnReply reply) -> Handle {
               const auto hash = hash_member(params, "txListHash");
               if (!hash) return refuse(reply, hash.error());
               auto list = list_member(params);
               if (!list) return refuse(reply, list.error());
               return backend.publish_tx_list(
                   *hash, *std::move(list),
                   [reply = std::move(reply)](preconf::PublishResult result) mutable {
                     reply(published_list(std::move(result)));
                   });
             }});
  table.add({"preconf_publishBlock", "Validate, execute and gossip a commitment with its transaction list",
             kPublishDeadline, [&backend](const RpcParams& params, OnReply reply) -> Handle {
               auto commitment = hex_member(params, "commitment", p2p::kSignedCommitmentSize * 2);
               if (!commitment) return refuse(reply, commitment.error());
               const auto hash = hash_member(params, "txListHash");
               if (!hash) return refuse(reply, hash.error());
               auto list = list_member(params);
               if (!list) return refuse(reply, list.error());
               return backend.publish_block(
                   {*std::move(commitment), *hash, *std::move(list)},
                   [reply = std::move(reply)](preconf::PublishResult result) mutable {
                     reply(published_commitment(std::move(result)));
                   });
             }});
}

Json status_object(const StatusFields& status) {
  Json out = Json::object();
  out.set("isSyncedWithInbox", Json::boolean(status.is_synced_with_inbox));
  out.set("eventSyncTip", status.event_sync_tip ? Json::quantity(*status.event_sync_tip) : Json());
  out.set("preconfTip", Json::quantity(status.preconf_tip));
  out.set("canonicalProposalId", Json::number(status.canonical_proposal_id));
  out.set("peerCount", Json::number(status.peer_count));
  out.set("peerId", Json::string(status.peer_id));
  out.set("ready", Json::boolean(status.ready));
  out.set("headBlock", Json::quantity(status.head_block));
  out.set("version", Json::string(status.version));
  return out;
}

RpcResult slot_info(const PreconfBackend& backend, const RpcParams& params) {
  const Json parameter = params.single();
  if (!parameter.is_string() && !parameter.is_integer()) {
    return invalid_params("one timestamp is required, as a hex quantity, decimal string or number");
  }
  const auto timestamp = parameter.as_u256();
  if (!timestamp) return invalid_params("timestamp: " + timestamp.error().message);
  const auto info = backend.slot_info(*timestamp);
  if (!info) return std::unexpected(info.error());
  Json out = Json::object();
  out.set("signer", Json::hex(info->signer));
  out.set("submissionWindowEnd", Json::quantity(info->submission_window_end));
  return out;
}

}  // namespace

int code_of(preconf::PublishErrorKind kind) {
  using Kind = preconf::PublishErrorKind;
  switch (kind) {
    case Kind::invalid_commitment:
      return -32001;
    case Kind::invalid_tx_list:
      return -32002;
    case Kind::not_synced:
    case Kind::stale:
      return -32003;
    case Kind::window_mismatch:
      return -32004;
    case Kind::invalid_signer:
      return -32005;
    case Kind::slasher_mismatch:
      return -32100;
    case Kind::lookahead_unavailable:
      return kLookaheadUnavailable;
    case Kind::lookahead_out_of_range:
      return kInvalidParams;
    case Kind::conflict:
      return -32101;
    case Kind::busy:
    case Kind::internal:
      return kInternalError;
  }
  return kInternalError;
}

void add_preconf_methods(MethodTable& table, const PreconfBackend& backend) {
  add_publish_methods(table, backend);
  table.add("preconf_getStatus", "Tips, sync state, peers and version",
            [&backend](const RpcParams&) -> RpcResult { return status_object(backend.status()); });
  table.add(
      "preconf_tip", "Highest L2 block in the engine, confirmed or preconfirmed",
      [&backend](const RpcParams&) -> RpcResult { return Json::quantity(backend.status().preconf_tip); });
  table.add("preconf_canonicalProposalId", "Last proposal of the L1 inbox that the driver has processed",
            [&backend](const RpcParams&) -> RpcResult {
              return Json::number(backend.status().canonical_proposal_id);
            });
  table.add("preconf_getPreconfSlotInfo", "Who may sign for a timestamp, and when that window ends",
            [&backend](const RpcParams& params) { return slot_info(backend, params); });
}

}  // namespace libpreconf::rpc
