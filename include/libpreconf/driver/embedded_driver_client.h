#pragma once
// A DriverClient for programs that bring their own driver, and for preconfd without an L2 engine: a bounded
// queue of inputs and three latest-value cells (node book 3.4, 4.2).
//
//   heart --submit--> [queue] --next()--> the driver
//   heart <--cells--- canonical proposal id, preconf tip, event sync tip <-- the driver
//
// A full queue pushes back: submit answers `limit`, and on_room calls when the driver has taken something.

#include <cstdint>
#include <memory>
#include <optional>

#include "libpreconf/driver/inbox_reader.h"
#include "libpreconf/preconf/driver_client.h"

namespace libpreconf::driver {

class EmbeddedDriverClient;

/// The driver's end. Destroying it closes the channel: submits and waits answer `closed`.
/// May outlive the client; calls then have no effect.
class DriverChannels {
 public:
  ~DriverChannels();
  DriverChannels(DriverChannels&&) noexcept;
  DriverChannels& operator=(DriverChannels&&) noexcept;

  /// Calls back (not inside the call that pushed) when the queue has something after it was empty.
  [[nodiscard]] Handle on_input(std::move_only_function<void()> callback);
  /// Takes the oldest input.
  [[nodiscard]] std::optional<preconf::PreconfirmationInput> next();

  /// Latest-value cells: writers overwrite, readers see the newest at once, watchers are called after a
  /// change.
  void set_canonical_proposal_id(std::uint64_t id);
  void set_preconf_tip(const U256& block_number);
  void set_event_sync_tip(const U256& block_number);

  /// The engine refused this input for good: the heart marks the block bad and looks for another candidate.
  /// (An input that only failed for now is kept by the driver and tried again.)
  void reject(const preconf::PreconfirmationInput& input, Error why);

 private:
  friend class EmbeddedDriverClient;
  struct State;
  explicit DriverChannels(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

class EmbeddedDriverClient final : public preconf::DriverClient {
 public:
  static constexpr std::size_t kDefaultCapacity = 256;  // node book 3.4
  /// Transactions that wait, together; one input always fits. Else 256 lists of 2 MiB would be 1 GiB.
  static constexpr std::size_t kMaxQueuedBytes = 16U << 20;

  /// `reactor` and `inbox` must outlive the client. `poll` is how often a wait asks the inbox again even if
  /// no cell changed (an L1 reorg may lower the target).
  EmbeddedDriverClient(Reactor& reactor, InboxReader& inbox, std::size_t capacity = kDefaultCapacity,
                       Duration poll = std::chrono::seconds(12));
  ~EmbeddedDriverClient() override;

  /// The other end; can be taken once.
  [[nodiscard]] DriverChannels take_channels();

  [[nodiscard]] Handle submit_preconfirmation(preconf::PreconfirmationInput input,
                                              OnSubmitted on_submitted) override;
  [[nodiscard]] Handle wait_event_sync(OnSynced on_synced) override;
  [[nodiscard]] Result<U256> event_sync_tip() const override;
  [[nodiscard]] Result<U256> preconf_tip() const override;
  [[nodiscard]] Handle on_tip_change(std::move_only_function<void()> callback) override;
  [[nodiscard]] Handle on_room(std::move_only_function<void()> callback) override;
  [[nodiscard]] Handle on_rejected(OnRejected callback) override;
  [[nodiscard]] std::uint64_t canonical_proposal_id() const;
  /// Inputs that wait.
  [[nodiscard]] std::size_t queue_depth() const;

 private:
  std::shared_ptr<DriverChannels::State> state_;
};

}  // namespace libpreconf::driver
