#include "libp2p/admission.h"

#include <algorithm>

namespace libpreconf::libp2p {

Admission::Admission(const AdmissionLimits& limits)
    : limits_(limits), handshakes_(limits.handshake_burst, limits.handshakes_per_second) {}

Admission::Decision Admission::admit(ConnectionId id, const SocketAddress& from, Instant now) {
  Source source{key_of(from, 4, 8), key_of(from, 3, 6), !from.is_loopback()};
  if (source.counted) {
    if (counts_[source.ip] >= limits_.max_per_ip) {
      ++counters_.refused_ip;
      return {};
    }
    if (counts_[source.subnet] >= limits_.max_per_subnet) {
      forget(source.ip);
      ++counters_.refused_subnet;
      return {};
    }
  }
  if (source.counted && !handshakes_.take(now)) {
    forget(source.ip);
    forget(source.subnet);
    ++counters_.refused_rate;
    return {};
  }
  Decision out{true, std::nullopt};
  if (pending_.size() >= limits_.max_pending && !pending_.empty()) {
    out.evict = pending_.front();
    ++counters_.evicted;
  }
  if (source.counted) {
    ++counts_[source.ip];
    ++counts_[source.subnet];
  }
  pending_.push_back(id);
  sources_.emplace(id, source);
  ++counters_.admitted;
  return out;
}

void Admission::progress(ConnectionId id) {
  if (const auto at = std::ranges::find(pending_, id); at != pending_.end()) {
    std::rotate(at, at + 1, pending_.end());
  }
}

void Admission::upgraded(ConnectionId id) {
  std::erase(pending_, id);
}

void Admission::ended(ConnectionId id) {
  std::erase(pending_, id);
  const auto found = sources_.find(id);
  if (found == sources_.end()) return;
  if (found->second.counted) {
    --counts_[found->second.ip];
    --counts_[found->second.subnet];
    forget(found->second.ip);
    forget(found->second.subnet);
  }
  sources_.erase(found);
}

Admission::Key Admission::key_of(const SocketAddress& from, std::size_t v4_bytes, std::size_t v6_bytes) {
  const std::size_t size = from.is_v6() ? v6_bytes : v4_bytes;
  Key key{};
  // The length keeps an address and a subnet of the same leading bytes apart.
  key[0] = static_cast<std::uint8_t>((from.is_v6() ? 0x80 : 0) | size);
  std::ranges::copy(from.ip().first(size), key.begin() + 1);
  return key;
}

void Admission::forget(const Key& key) {
  if (const auto found = counts_.find(key); found != counts_.end() && found->second == 0)
    counts_.erase(found);
}

}  // namespace libpreconf::libp2p
