#include "libpreconf/driver/embedded_driver_client.h"

#include <algorithm>
#include <deque>

#include "base/bounded.h"
#include "preconf/subscribers.h"

namespace libpreconf::driver {

using preconf::PreconfirmationInput;
using preconf::SubmitStatus;

namespace {

std::size_t bytes_of(const PreconfirmationInput& input) {
  return (input.transactions ? input.transactions->rlp.size() : 0) +
         (input.compressed ? input.compressed->size() : 0);
}

struct Rejection {
  Hash256 preconfirmation_hash{};
  Error why;
};

}  // namespace

// Shared by both ends, because either may go first. Every callback runs from a turn of the reactor of its
// own, never inside the call that caused it; `client_alive` says whether the reactor may still be used.
struct DriverChannels::State {
  State(Reactor& the_reactor, InboxReader& the_inbox, std::size_t capacity, Duration the_poll)
      : reactor(the_reactor), inbox(the_inbox), poll(the_poll), queue(capacity), rejections(capacity) {}

  // Afterwards nothing of the reactor or the inbox is touched, and nobody is called.
  void end_client();
  void close_channels();

  [[nodiscard]] bool has_room(std::size_t bytes) const {
    return !queue.full() && (queue.empty() || queued_bytes + bytes <= EmbeddedDriverClient::kMaxQueuedBytes);
  }
  void post_input();
  void post_room();
  void post_tips();
  void post_rejections();
  void report_rejections();

  std::weak_ptr<State> self;
  Reactor& reactor;
  InboxReader& inbox;
  Duration poll;
  bool client_alive = true;
  bool channels_alive = true;
  bool taken = false;

  BoundedQueue<PreconfirmationInput> queue;
  std::size_t queued_bytes = 0;
  bool refused = false;  ///< a submit was answered `limit` since the last on_room
  /// What the driver rejected and the heart has not heard of yet; the oldest goes first at the limit.
  BoundedQueue<Rejection> rejections;

  std::uint64_t canonical_proposal_id = 0;
  U256 preconf_tip;
  U256 event_sync_tip;

  preconf::Subscribers<> on_input;
  preconf::Subscribers<> on_room;
  preconf::Subscribers<> on_tips;
  preconf::Subscribers<> on_canonical;  ///< waits for event sync; also told of the end of the channels
  preconf::Subscribers<const Hash256&, const Error&> on_rejected;
  Handle input_posted;
  Handle room_posted;
  Handle tips_posted;
  Handle rejections_posted;
};

void DriverChannels::State::end_client() {
  client_alive = false;
  queue.clear();
  queued_bytes = 0;
  for (Handle* posted : {&input_posted, &room_posted, &tips_posted, &rejections_posted}) posted->reset();
}

void DriverChannels::State::close_channels() {
  channels_alive = false;
  queue.clear();
  queued_bytes = 0;
  input_posted.reset();
  if (client_alive) on_canonical.call();
}

void DriverChannels::State::post_input() {
  if (!client_alive || input_posted || on_input.empty()) return;
  input_posted = reactor.after(Duration(0), [this] {
    input_posted.reset();
    if (!queue.empty()) on_input.call();
  });
}

void DriverChannels::State::post_room() {
  if (!client_alive || !refused || room_posted) return;
  room_posted = reactor.after(Duration(0), [this] {
    room_posted.reset();
    refused = false;
    on_room.call();
  });
}

void DriverChannels::State::post_tips() {
  if (!client_alive || tips_posted) return;
  tips_posted = reactor.after(Duration(0), [this] {
    tips_posted.reset();
    on_tips.call();
  });
}

void DriverChannels::State::post_rejections() {
  if (!client_alive || rejections_posted) return;
  rejections_posted = reactor.after(Duration(0), [weak = self] {
    // Kept for the call: a callback may drop both ends.
    if (const auto state = weak.lock()) state->report_rejections();
  });
}

void DriverChannels::State::report_rejections() {
  rejections_posted.reset();
  while (auto rejection = rejections.pop()) {
    on_rejected.call(rejection->preconfirmation_hash, rejection->why);
    if (!client_alive) return;
  }
}

// --- The driver's end --------------------------------------------------------------------------------------

DriverChannels::DriverChannels(std::shared_ptr<State> state) : state_(std::move(state)) {}
DriverChannels::DriverChannels(DriverChannels&&) noexcept = default;

DriverChannels& DriverChannels::operator=(DriverChannels&& other) noexcept {
  DriverChannels closed(std::move(*this));
  state_ = std::move(other.state_);
  return *this;
}

DriverChannels::~DriverChannels() {
  if (state_) state_->close_channels();
}

Handle DriverChannels::on_input(std::move_only_function<void()> callback) {
  Handle handle = state_->on_input.add(std::move(callback));
  if (!state_->queue.empty()) state_->post_input();
  return handle;
}

std::optional<PreconfirmationInput> DriverChannels::next() {
  auto input = state_->queue.pop();
  if (input) {
    state_->queued_bytes -= bytes_of(*input);
    state_->post_room();
  }
  return input;
}

void DriverChannels::set_canonical_proposal_id(std::uint64_t id) {
  if (state_->canonical_proposal_id == id) return;
  state_->canonical_proposal_id = id;
  if (state_->client_alive) state_->on_canonical.call();
}

void DriverChannels::set_preconf_tip(const U256& block_number) {
  if (state_->preconf_tip == block_number) return;
  state_->preconf_tip = block_number;
  state_->post_tips();
}

void DriverChannels::set_event_sync_tip(const U256& block_number) {
  if (state_->event_sync_tip == block_number) return;
  state_->event_sync_tip = block_number;
  state_->post_tips();
}

void DriverChannels::reject(const PreconfirmationInput& input, Error why) {
  Rejection rejection{p2p::preconfirmation_hash(input.commitment.preconf()), std::move(why)};
  if (state_->rejections.full()) (void)state_->rejections.pop();
  (void)state_->rejections.push(std::move(rejection));
  state_->post_rejections();
}

// --- The heart's end ---------------------------------------------------------------------------------------

namespace {

std::unexpected<Error> closed_error() {
  return fail(ErrorCode::closed, "channel closed: the driver dropped its end of the input queue");
}

/// A call that answers later, and whose answer a destroyed handle drops.
Handle answer_later(Reactor& reactor, preconf::DriverClient::OnSubmitted on_submitted,
                    Result<SubmitStatus> answer) {
  return reactor.after(Duration(0), [callback = std::move(on_submitted),
                                     answer = std::move(answer)]() mutable { callback(std::move(answer)); });
}

/// One wait_event_sync (node book 4.2): reads the inbox, compares it with the cell, and looks again when the
/// cell changes or the poll comes round.
class EventSyncWait final : public Registration {
 public:
  struct View {
    std::uint64_t canonical_proposal_id = 0;
    bool open = false;
  };
  /// Nothing once the client is gone.
  using Cells = std::move_only_function<std::optional<View>()>;

  EventSyncWait(Reactor& reactor, InboxReader& inbox, Duration poll, Cells cells,
                preconf::DriverClient::OnSynced on_synced)
      : reactor_(reactor),
        inbox_(inbox),
        poll_(poll),
        cells_(std::move(cells)),
        on_synced_(std::move(on_synced)) {}

  void begin(preconf::Subscribers<>& cell_changes) {
    watch_ = cell_changes.add([this] { look_again(); });
    read_inbox();
  }

 private:
  void look_again() {
    // A look under way reads the cell after its answer: no change is lost.
    if (!reading_) wake_ = reactor_.after(Duration(0), [this] { read_inbox(); });
  }
  void read_inbox() {
    wake_.reset();
    reading_ = true;
    read_ = inbox_.next_proposal_id([this](Result<std::uint64_t> next) { on_next_id(std::move(next)); });
  }
  void on_next_id(Result<std::uint64_t> next) {
    reading_ = false;
    if (!next) return finish(std::unexpected(std::move(next).error()));
    const auto cells = cells_();
    if (!cells) return;
    if (*next <= 1 || cells->canonical_proposal_id >= *next - 1) return finish({});
    if (!cells->open) {
      return finish(fail(ErrorCode::closed, "channel closed: canonical proposal id watch channel closed"));
    }
    wake_ = reactor_.after(poll_, [this] { read_inbox(); });
  }
  void finish(Result<> result) {
    watch_.reset();
    wake_.reset();
    // The callback may destroy the handle that owns this object.
    auto callback = std::move(on_synced_);
    callback(std::move(result));
  }

  Reactor& reactor_;
  InboxReader& inbox_;
  Duration poll_;
  Cells cells_;
  preconf::DriverClient::OnSynced on_synced_;
  bool reading_ = false;
  Handle watch_;
  Handle wake_;
  Handle read_;
};

}  // namespace

EmbeddedDriverClient::EmbeddedDriverClient(Reactor& reactor, InboxReader& inbox, std::size_t capacity,
                                           Duration poll)
    : state_(std::make_shared<DriverChannels::State>(reactor, inbox, capacity, poll)) {
  state_->self = state_;
}

EmbeddedDriverClient::~EmbeddedDriverClient() {
  state_->end_client();
}

DriverChannels EmbeddedDriverClient::take_channels() {
  PRECONF_ASSERT(!state_->taken);
  state_->taken = true;
  return DriverChannels(state_);
}

Handle EmbeddedDriverClient::submit_preconfirmation(PreconfirmationInput input, OnSubmitted on_submitted) {
  Reactor& reactor = state_->reactor;
  if (!state_->channels_alive) return answer_later(reactor, std::move(on_submitted), closed_error());
  const std::size_t bytes = bytes_of(input);
  if (!state_->has_room(bytes)) {
    state_->refused = true;
    return answer_later(reactor, std::move(on_submitted),
                        fail(ErrorCode::limit, "the driver's input queue is full"));
  }
  if (!PRECONF_BUG(!state_->queue.push(std::move(input)))) state_->queued_bytes += bytes;
  state_->post_input();
  return answer_later(reactor, std::move(on_submitted), SubmitStatus::queued);
}

Handle EmbeddedDriverClient::wait_event_sync(OnSynced on_synced) {
  auto wait = std::make_unique<EventSyncWait>(
      state_->reactor, state_->inbox, state_->poll,
      [weak = std::weak_ptr(state_)]() -> std::optional<EventSyncWait::View> {
        const auto state = weak.lock();
        if (!state || !state->client_alive) return std::nullopt;
        return EventSyncWait::View{state->canonical_proposal_id, state->channels_alive};
      },
      std::move(on_synced));
  wait->begin(state_->on_canonical);
  return Handle(std::move(wait));
}

Result<U256> EmbeddedDriverClient::event_sync_tip() const {
  return state_->event_sync_tip;
}

Result<U256> EmbeddedDriverClient::preconf_tip() const {
  return state_->preconf_tip;
}

Handle EmbeddedDriverClient::on_tip_change(std::move_only_function<void()> callback) {
  return state_->on_tips.add(std::move(callback));
}

Handle EmbeddedDriverClient::on_room(std::move_only_function<void()> callback) {
  return state_->on_room.add(std::move(callback));
}

Handle EmbeddedDriverClient::on_rejected(OnRejected callback) {
  return state_->on_rejected.add(std::move(callback));
}

std::uint64_t EmbeddedDriverClient::canonical_proposal_id() const {
  return state_->canonical_proposal_id;
}

std::size_t EmbeddedDriverClient::queue_depth() const {
  return state_->queue.size();
}

}  // namespace libpreconf::driver
