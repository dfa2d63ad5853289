#pragma once
// How a devnet looks: lines for a person, coloured on a terminal only, or one JSON object a line.

#include <functional>
#include <string>
#include <string_view>

#include "node/devnet_events.h"

namespace libpreconf::cli {

/// Takes one line without its end.
using WriteLine = std::function<void(std::string_view)>;

class TextDevnetOutput final : public node::DevnetOutput {
 public:
  TextDevnetOutput(WriteLine write, bool colour) : write_(std::move(write)), colour_(colour) {}

  void started(const node::DevnetStarted& event) override;
  void block(const node::DevnetBlock& event) override;
  void handover(const node::DevnetHandover& event) override;
  void summary(const node::DevnetSummary& event) override;
  void note(const std::string& text) override;

 private:
  enum class Style { bold, dim, good, bad };
  [[nodiscard]] std::string styled(Style style, std::string_view text) const;
  /// "node 2" in the colour of that node.
  [[nodiscard]] std::string node_name(std::size_t index) const;

  WriteLine write_;
  bool colour_;
};

/// program.md "Devnet".
class JsonDevnetOutput final : public node::DevnetOutput {
 public:
  explicit JsonDevnetOutput(WriteLine write) : write_(std::move(write)) {}

  void started(const node::DevnetStarted& event) override;
  void block(const node::DevnetBlock& event) override;
  void handover(const node::DevnetHandover& event) override;
  void summary(const node::DevnetSummary& event) override;
  void note(const std::string& text) override;

 private:
  WriteLine write_;
  std::vector<std::string> preconfers_;  ///< per node, to name them in later lines
};

}  // namespace libpreconf::cli
