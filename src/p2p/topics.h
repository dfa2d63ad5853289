#pragma once
// Names that carry the chain id: the two topics and the three request-response protocols (p2p-wire 8, 9.1).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace libpreconf::p2p {

enum class Topic : std::uint8_t { commitments, raw_tx_lists };
inline constexpr std::size_t kTopicCount = 2;

enum class RequestKind : std::uint8_t { commitments, raw_tx_list, head };
inline constexpr std::size_t kRequestKindCount = 3;
inline constexpr std::array<RequestKind, kRequestKindCount> kRequestKinds = {
    RequestKind::commitments, RequestKind::raw_tx_list, RequestKind::head};

[[nodiscard]] constexpr std::size_t index_of(Topic topic) noexcept {
  return static_cast<std::size_t>(topic);
}
[[nodiscard]] constexpr std::size_t index_of(RequestKind kind) noexcept {
  return static_cast<std::size_t>(kind);
}

/// The labels of metrics and logs: "commitment", "raw_txlists"; "commitments", "raw_txlists", "head".
[[nodiscard]] std::string_view to_string(Topic topic) noexcept;
[[nodiscard]] std::string_view to_string(RequestKind kind) noexcept;

class NetworkNames {
 public:
  explicit NetworkNames(std::uint64_t chain_id);

  [[nodiscard]] const std::string& topic(Topic topic) const noexcept { return topics_[index_of(topic)]; }
  [[nodiscard]] const std::string& protocol(RequestKind kind) const noexcept {
    return protocols_[index_of(kind)];
  }
  /// Nothing for a topic of another chain or of the legacy network.
  [[nodiscard]] std::optional<Topic> find_topic(std::string_view name) const noexcept;
  [[nodiscard]] std::optional<RequestKind> find_protocol(std::string_view id) const noexcept;

 private:
  std::array<std::string, kTopicCount> topics_;
  std::array<std::string, kRequestKindCount> protocols_;
};

}  // namespace libpreconf::p2p
