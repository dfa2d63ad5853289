#pragma once
// The inbox of a node without an L1: its next proposal id never changes (program.md "run without an L1": 0,
// and therefore synced at once).

#include <utility>

#include "libpreconf/driver/inbox_reader.h"

namespace libpreconf::driver {

class FixedInboxReader final : public InboxReader {
 public:
  /// `reactor` must outlive the reader.
  explicit FixedInboxReader(Reactor& reactor, std::uint64_t next_proposal_id = 0)
      : reactor_(reactor), next_proposal_id_(next_proposal_id) {}

  [[nodiscard]] Handle next_proposal_id(std::move_only_function<void(Result<std::uint64_t>)> on_id) override {
    return reactor_.after(Duration(0),
                          [id = next_proposal_id_, callback = std::move(on_id)]() mutable { callback(id); });
  }

 private:
  Reactor& reactor_;
  std::uint64_t next_proposal_id_;
};

}  // namespace libpreconf::driver
