// What happens to the network of a simulation besides the blocks.

#include <fmt/format.h>

#include <algorithm>

#include "p2p/signing.h"
#include "sim/simulation.h"

namespace libpreconf::sim {

std::string to_string(Fault::Kind kind) {
  switch (kind) {
    case Fault::Kind::partition:
      return "partition";
    case Fault::Kind::crash:
      return "crash";
    case Fault::Kind::restart:
      return "restart";
    case Fault::Kind::power_cut:
      return "power cut";
    case Fault::Kind::isolation:
      return "isolation";
    case Fault::Kind::bad_link:
      return "bad links";
    case Fault::Kind::join:
      return "late join";
    case Fault::Kind::equivocate:
      return "equivocation";
    case Fault::Kind::replay:
      return "replay";
    case Fault::Kind::rubbish:
      return "rubbish";
    case Fault::Kind::skew:
      break;
  }
  return "clock skew";
}

namespace {

std::size_t index_at(double who, std::size_t nodes) {
  return std::min(static_cast<std::size_t>(who * static_cast<double>(nodes)), nodes - 1);
}

}  // namespace

std::string describe(const Fault& fault, std::size_t nodes) {
  const auto seconds = [](Duration duration) { return static_cast<double>(duration.count()) / 1e6; };
  std::string text = fmt::format("at {:.1f} s", seconds(fault.at));
  if (fault.lasts > Duration(0)) text += fmt::format(" for {:.1f} s", seconds(fault.lasts));
  text += ": " + to_string(fault.kind);
  switch (fault.kind) {
    case Fault::Kind::partition:
      return text +
             fmt::format(" of {:.0f} % from node {} on", fault.share * 100, index_at(fault.who, nodes));
    case Fault::Kind::bad_link:
      return text + fmt::format(", {:.1f} % lost", fault.share * 100);
    case Fault::Kind::crash:
    case Fault::Kind::restart:
    case Fault::Kind::power_cut:
    case Fault::Kind::isolation:
    case Fault::Kind::join:
    case Fault::Kind::skew:
    case Fault::Kind::rubbish:
      return text + fmt::format(" of node {}", index_at(fault.who, nodes));
    case Fault::Kind::equivocate:
    case Fault::Kind::replay:
      break;
  }
  return text;
}

std::size_t Simulation::victim(const Fault& fault) const {
  return index_at(fault.who, plan_.nodes);
}

bool Simulation::joins_later(std::size_t index) const {
  return std::ranges::any_of(plan_.faults, [&](const Fault& fault) {
    return fault.kind == Fault::Kind::join && victim(fault) == index;
  });
}

void Simulation::arrange_faults() {
  for (const Fault& fault : plan_.faults) {
    faults_over_ = std::max(faults_over_, Instant(fault.at + fault.lasts));
    handles_.push_back(stage_.after(fault.at, [this, &fault] {
      trace_.note(network_.now(), kNoNode, "{}", describe(fault, plan_.nodes));
      begin_fault(fault);
    }));
    if (fault.lasts == Duration(0)) continue;
    handles_.push_back(stage_.after(fault.at + fault.lasts, [this, &fault] {
      trace_.note(network_.now(), kNoNode, "over: {}", to_string(fault.kind));
      end_fault(fault);
    }));
  }
}

void Simulation::begin_fault(const Fault& fault) {
  SimNode& node = *nodes_[victim(fault)];
  switch (fault.kind) {
    case Fault::Kind::partition: {
      const auto members = static_cast<std::size_t>(fault.share * static_cast<double>(plan_.nodes));
      for (std::size_t i = 0; i < members; ++i) {
        network_.set_part(ip_of((node.index() + i) % plan_.nodes), 1);
      }
      return;
    }
    case Fault::Kind::crash:
    case Fault::Kind::restart:
      if (node.running()) end_node(node.index(), fault.kind == Fault::Kind::restart);
      return;
    case Fault::Kind::power_cut:
      network_.set_part(node.ip(), 100 + static_cast<std::uint32_t>(node.index()));
      if (node.running()) end_node(node.index(), /*keep_engine=*/true);
      return;
    case Fault::Kind::isolation:
      return network_.set_part(node.ip(), 100 + static_cast<std::uint32_t>(node.index()));
    case Fault::Kind::bad_link: {
      LinkProfile bad = plan_.link;
      bad.segment_loss = std::max(bad.segment_loss, fault.share);
      return network_.set_profile(bad);
    }
    case Fault::Kind::join:
      if (!node.running()) start_node(node.index());
      return;
    case Fault::Kind::skew:
      return network_.set_clock_offset(node.ip(),
                                       Duration(static_cast<Duration::rep>((fault.share - 0.5) * 7.2e9)));
    case Fault::Kind::equivocate:
      equivocations_.push_back(&fault);
      return;
    case Fault::Kind::replay:
      return replay(fault);
    case Fault::Kind::rubbish:
      return let_in_an_intruder(fault);
  }
}

void Simulation::end_fault(const Fault& fault) {
  SimNode& node = *nodes_[victim(fault)];
  switch (fault.kind) {
    case Fault::Kind::partition:
      for (const auto& each : nodes_) network_.set_part(each->ip(), 0);
      return;
    case Fault::Kind::crash:
    case Fault::Kind::restart:
      if (!node.running()) start_node(node.index());
      return;
    case Fault::Kind::power_cut:
      network_.set_part(node.ip(), 0);
      if (!node.running()) start_node(node.index());
      return;
    case Fault::Kind::isolation:
      return network_.set_part(node.ip(), 0);
    case Fault::Kind::bad_link:
      return network_.set_profile(plan_.link);
    case Fault::Kind::skew:
      return network_.set_clock_offset(node.ip(), Duration(0));
    case Fault::Kind::rubbish:
      intruders_.erase(&fault);
      return;
    case Fault::Kind::join:
    case Fault::Kind::equivocate:
    case Fault::Kind::replay:
      return;
  }
}

// --- Hostile behaviour -------------------------------------------------------------------------------------

void Simulation::let_in_an_intruder(const Fault& fault) {
  // Hosts behind those of the nodes; three victims, next to each other.
  const std::size_t index = plan_.nodes + static_cast<std::size_t>(&fault - plan_.faults.data());
  std::vector<std::size_t> victims;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, plan_.nodes); ++i) {
    victims.push_back((victim(fault) + i) % plan_.nodes);
  }
  auto intruder = std::make_unique<Intruder>(network_.host(ip_of(index)), schedule_, chronicle_, index,
                                             plan_.seed * 1000 + index, victims);
  if (const auto started = intruder->start(); !started) {
    return referee_.object(kNoNode, "a hostile peer cannot start: " + started.error().message);
  }
  intruders_[&fault] = std::move(intruder);
}

SimNode* Simulation::some_running_node(const Fault& fault) {
  for (std::size_t i = 0; i < plan_.nodes; ++i) {
    SimNode& node = *nodes_[(victim(fault) + i) % plan_.nodes];
    if (node.running()) return &node;
  }
  return nullptr;
}

/// Whoever promised the newest block promises another one for its height, and has it gossiped from elsewhere
/// at the same time: some nodes hear of the one first, some of the other.
void Simulation::equivocate(const Fault& fault) {
  const PromisedBlock* tip = chronicle_.canonical(chronicle_.tip());
  SimNode* relay = some_running_node(fault);
  if (tip == nullptr || relay == nullptr) return;
  p2p::PreconfCommitment rival = tip->commitment.commitment;
  rival.preconf.coinbase[0] ^= 0xff;
  const std::uint64_t slot = (rival.preconf.timestamp.limbs()[0] - kStart) / kSecondsPerSlot;
  const crypto::Secp256k1Key key = preconfer_key(slot % preconfers_);
  const auto commitment = p2p::sign_commitment(key, p2p::placeholder_domain(), rival);
  chronicle_.promised_dishonestly(commitment, tip->tx_list);
  const auto sent = relay->core().network().publish_commitment(commitment);
  trace_.note(network_.now(), relay->index(), "gossips rival {} of {}: {}",
              short_hash(p2p::preconfirmation_hash(rival.preconf)), chronicle_.tip(),
              sent ? "sent" : sent.error().message);
}

/// An old promise in the other form of its signature, which is new to gossip.
void Simulation::replay(const Fault& fault) {
  SimNode* relay = some_running_node(fault);
  if (chronicle_.tip() == 0 || relay == nullptr) return;
  const auto number = 1 + static_cast<std::uint64_t>(fault.share * static_cast<double>(chronicle_.tip() - 1));
  const PromisedBlock* old = chronicle_.canonical(number);
  if (old == nullptr) return;
  p2p::SignedCommitment commitment = old->commitment;
  if (const auto other = crypto::other_form(commitment.signature)) commitment.signature = *other;
  const auto sent = relay->core().network().publish_commitment(commitment);
  trace_.note(network_.now(), relay->index(), "replays {}: {}", number, sent ? "sent" : sent.error().message);
}

}  // namespace libpreconf::sim
