#include "sim/slots.h"

#include "sim/sim_node.h"

namespace libpreconf::sim {

preconf::StaticSignerSchedule make_schedule(std::size_t preconfers) {
  std::vector<Address> signers;
  for (std::size_t i = 0; i < preconfers; ++i) signers.push_back(preconfer_key(i).address());
  std::vector<preconf::SignerWindow> windows;
  for (std::uint64_t slot = 0; slot < kSlots; ++slot) {
    const std::uint64_t from = kStart + slot * kSecondsPerSlot;
    const std::uint64_t to = from + kSecondsPerSlot;
    windows.push_back({.from = from, .to = to, .signer = signers[slot % preconfers], .window_end = to});
  }
  return preconf::StaticSignerSchedule::from_windows(std::move(windows)).value();
}

}  // namespace libpreconf::sim
