#pragma once
// Peer scores with the network's parameters (p2p-wire 7.7): first deliveries (P2), invalid messages (P4), and
// the application's own judgement (P5). The other terms have weight 0 in this network; what would feed the
// behaviour penalty (P7) is counted, so that a profile can give it a weight.

#include <algorithm>
#include <array>
#include <cstdint>

#include "libp2p/limits.h"

namespace libpreconf::libp2p {

/// Index of a topic in the router's configuration.
using TopicIndex = std::uint8_t;

struct ScoreParameters {
  double topic_weight = 1.0;
  double first_deliveries_weight = 0.5;
  double first_deliveries_decay = 0.999;
  double first_deliveries_cap = 20;
  double invalid_weight = -2.0;
  double invalid_decay = 0.99;
  double application_weight = 1.0;
  double application_bound = 10;  ///< clamped to plus and minus this
  double behaviour_weight = 0;
  double decay_to_zero = 0.1;
  Duration decay_interval = std::chrono::seconds(10);
};

struct ScoreThresholds {
  double gossip = -1.0;
  double publish = -2.0;
  double graylist = -5.0;
  double opportunistic_graft = 0.5;
};

/// The score of one peer; a value that moves into the retained scores when the peer leaves.
class PeerScore {
 public:
  void first_delivery(TopicIndex topic, const ScoreParameters& parameters) noexcept {
    double& count = topics_[topic].first_deliveries;
    count = std::min(count + 1, parameters.first_deliveries_cap);
  }
  void invalid_message(TopicIndex topic) noexcept { topics_[topic].invalid += 1; }
  void misbehaved() noexcept { behaviour_ += 1; }
  void set_application(double score, const ScoreParameters& parameters) noexcept {
    application_ = std::clamp(score, -parameters.application_bound, parameters.application_bound);
  }
  [[nodiscard]] double application() const noexcept { return application_; }

  void decay(const ScoreParameters& parameters) noexcept {
    for (Topic& topic : topics_) {
      decay_one(topic.first_deliveries, parameters.first_deliveries_decay, parameters);
      decay_one(topic.invalid, parameters.invalid_decay, parameters);
    }
    decay_one(behaviour_, parameters.invalid_decay, parameters);
  }

  [[nodiscard]] double value(const ScoreParameters& parameters) const noexcept {
    double sum = application_ * parameters.application_weight;
    for (const Topic& topic : topics_) {
      sum += parameters.topic_weight * (parameters.first_deliveries_weight * topic.first_deliveries +
                                        parameters.invalid_weight * topic.invalid * topic.invalid);
    }
    return sum + parameters.behaviour_weight * behaviour_ * behaviour_;
  }

 private:
  struct Topic {
    double first_deliveries = 0;
    double invalid = 0;
  };
  static void decay_one(double& value, double factor, const ScoreParameters& parameters) noexcept {
    value *= factor;
    if (value < parameters.decay_to_zero) value = 0;
  }

  std::array<Topic, limits::kMaxTopics> topics_{};
  double application_ = 0;
  double behaviour_ = 0;
};

}  // namespace libpreconf::libp2p
