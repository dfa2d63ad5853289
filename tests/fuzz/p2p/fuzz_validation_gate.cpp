// The gate under any sequence of messages, schedules and time: every message is reported exactly once,
// nothing that the precheck rejects is accepted, only the elected signer is, and the hold keeps its bound.
#include <map>

#include "fuzz/input.h"
#include "p2p/signing.h"
#include "p2p/validation_gate.h"

using namespace libpreconf;
using namespace libpreconf::p2p;
using fuzz::require;
using libp2p::Verdict;

namespace {

const std::array<crypto::Secp256k1Key, 2>& keys() {
  static const std::array<crypto::Secp256k1Key, 2> both = {
      crypto::Secp256k1Key::from_bytes(Bytes(32, 1)).value(),
      crypto::Secp256k1Key::from_bytes(Bytes(32, 2)).value()};
  return both;
}

class Schedule final : public SignerSchedule {
 public:
  ScheduleAnswer answer = ScheduleUnknown{};
  ScheduleAnswer elected_at(const U256&) const override { return answer; }
};

Bytes any_commitment(fuzz::Input& input) {
  PreconfCommitment commitment;
  commitment.preconf.block_number = input.byte() % 8;
  commitment.preconf.submission_window_end = 12 + input.byte() % 2;
  commitment.preconf.eop = input.byte() % 2 == 1;
  commitment.preconf.raw_tx_list_hash[0] = input.byte() % 4;
  SignedCommitment out = sign_commitment(keys()[input.byte() % 2], placeholder_domain(), commitment);
  if (input.byte() % 4 == 0) out.signature = crypto::other_form(out.signature).value_or(out.signature);
  auto ssz = encode(out);
  if (const std::uint8_t change = input.byte(); change > 200) ssz[input.number() % ssz.size()] ^= change;
  return to_bytes(ssz);
}

Bytes any_list(fuzz::Input& input) {
  const std::size_t size = input.byte() > 250 ? limits::kHashSliceBytes + 1 : input.byte();
  const auto bytes = std::make_shared<const Bytes>(size, input.byte());
  RawTxList list{tx_list_hash(*bytes), bytes};
  if (input.byte() > 200) list.hash[0] ^= 1;
  return encode(list);
}

struct World {
  NetworkNames names{1};
  Schedule schedule;
  std::map<libp2p::MessageId, int> reports;
  std::map<libp2p::MessageId, bool> may_be_accepted;
  std::uint64_t next_id = 0;
  Instant now{};
  ValidationGate gate{{}, names, schedule, hooks()};

  GateHooks hooks() {
    GateHooks out;
    out.on_commitment = [this](const PeerId&, const SignedCommitment& commitment,
                               const RecoveredSigner& signer) {
      const auto* elected = std::get_if<ElectedSigner>(&schedule.answer);
      require(elected != nullptr && elected->signer == signer.address);
      require(recover_signer(placeholder_domain(), commitment) == signer);
      return commitment.preconf().block_number == U256(7) ? GossipDecision::ignore : GossipDecision::accept;
    };
    out.on_raw_tx_list = [](const PeerId&, const RawTxList& list) {
      require(tx_list_hash(list.bytes()) == list.hash);
      return GossipDecision::accept;
    };
    out.report = [this](const libp2p::MessageId& id, Verdict verdict) {
      require(++reports[id] == 1);
      require(verdict != Verdict::accept || may_be_accepted[id]);
    };
    return out;
  }

  void deliver(Topic topic, Bytes ssz, std::uint8_t from_number) {
    const PeerId from = PeerId::from_bytes(Bytes{0, 3, 8, 1, from_number}).value();
    const PeerId author = PeerId::from_bytes(Bytes{0, 3, 8, 1, 9}).value();
    libp2p::MessageId id{};
    for (std::size_t i = 0; i < 8; ++i) id[i] = static_cast<std::uint8_t>(next_id >> (8 * i));
    ++next_id;
    may_be_accepted[id] = gate.precheck(from, names.topic(topic), ssz) == Verdict::accept;
    const auto frame = std::make_shared<const Bytes>(std::move(ssz));
    gate.validate({id, from, author, names.topic(topic), *frame, frame}, now);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  World world;
  for (int steps = 0; !input.empty() && steps < 200; ++steps) {
    switch (input.byte() % 8) {
      case 0:
      case 1: {
        const std::uint8_t from = input.byte() % 4;
        world.deliver(Topic::commitments, any_commitment(input), from);
        break;
      }
      case 2:
        world.deliver(Topic::raw_tx_lists, any_list(input), input.byte() % 4);
        break;
      case 3: {
        const Topic topic = input.byte() % 2 == 0 ? Topic::commitments : Topic::raw_tx_lists;
        world.deliver(topic, to_bytes(input.take(input.byte())), 0);
        break;
      }
      case 4: {
        const std::uint8_t which = input.byte() % 4;
        if (which == 0) world.schedule.answer = ScheduleUnknown{};
        if (which == 1) world.schedule.answer = ScheduleOutOfRange{};
        if (which >= 2) world.schedule.answer = ElectedSigner{keys()[which - 2].address(), 12, false};
        world.gate.schedule_changed();
        break;
      }
      case 5:
        world.gate.work();
        break;
      case 6:
        world.now += std::chrono::milliseconds(input.byte() * 50);
        world.gate.tick(world.now);
        break;
      case 7:
        if (const auto own = decode_signed_commitment(any_commitment(input))) world.gate.note_published(*own);
        break;
    }
    require(world.gate.held_count() <= limits::kHeldCommitments);
  }
  while (world.gate.has_work()) world.gate.work();
  world.gate.tick(world.now + limits::kHoldTime);
  require(world.gate.held_count() == 0 && !world.gate.has_work());
  require(world.reports.size() == world.next_id);
  return 0;
}
