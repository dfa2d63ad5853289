#include "p2p/topics.h"

#include <fmt/core.h>

namespace libpreconf::p2p {

std::string_view to_string(Topic topic) noexcept {
  switch (topic) {
    case Topic::commitments:
      return "commitment";
    case Topic::raw_tx_lists:
      return "raw_txlists";
  }
  return "unknown";
}

std::string_view to_string(RequestKind kind) noexcept {
  switch (kind) {
    case RequestKind::commitments:
      return "commitments";
    case RequestKind::raw_tx_list:
      return "raw_txlists";
    case RequestKind::head:
      return "head";
  }
  return "unknown";
}

NetworkNames::NetworkNames(std::uint64_t chain_id)
    : topics_{fmt::format("/taiko/{}/0/preconfirmationCommitments", chain_id),
              fmt::format("/taiko/{}/0/rawTxLists", chain_id)},
      protocols_{fmt::format("/taiko/{}/preconf/1/get_commitments_by_number", chain_id),
                 fmt::format("/taiko/{}/preconf/1/get_raw_txlist", chain_id),
                 fmt::format("/taiko/{}/preconf/1/get_head", chain_id)} {}

std::optional<Topic> NetworkNames::find_topic(std::string_view name) const noexcept {
  if (name == topic(Topic::commitments)) return Topic::commitments;
  if (name == topic(Topic::raw_tx_lists)) return Topic::raw_tx_lists;
  return std::nullopt;
}

std::optional<RequestKind> NetworkNames::find_protocol(std::string_view id) const noexcept {
  for (const RequestKind kind : kRequestKinds) {
    if (protocol(kind) == id) return kind;
  }
  return std::nullopt;
}

}  // namespace libpreconf::p2p
