#pragma once
// multistream-select 1.0.0 (p2p-wire 3.1), both roles, sans-IO.
//
//   dialer:   start -> waiting for the header -> waiting for the answer -(echo)-> agreed
//                                                 | na: next proposal, or `unsupported` when none is left
//   listener: waiting for the header -> waiting for a proposal -(echo, send)-> agreed
//                                        | unknown: na      | ls: the list
//
// Both take bytes in any split and never take a byte beyond the agreement: what follows belongs to the next
// layer. A dialer with one proposal is lazy if its owner sends the next layer's bytes right after `start`.
// Bounds: a message of 1 KiB, 10 rounds (A7).

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"

namespace libpreconf::libp2p {

/// Appends one message: length, text, newline.
void append_multistream(Bytes& out, std::string_view text);

/// Cuts a byte stream into messages. Holds at most one unfinished message.
class MultistreamReader {
 public:
  /// The next message without its newline, or nothing while it is incomplete; takes its bytes from `in`. The
  /// view is valid until the next call and as long as `in`'s bytes.
  [[nodiscard]] Result<std::optional<std::string_view>> next(ByteView& in);

 private:
  [[nodiscard]] static Result<std::optional<std::string_view>> text_of(ByteView body);
  Bytes partial_;
  bool partial_done_ = false;
};

class MultistreamDialer {
 public:
  /// `proposals` must not be empty; the first is preferred.
  explicit MultistreamDialer(std::vector<std::string> proposals) : proposals_(std::move(proposals)) {}

  /// Header and first proposal.
  void start(Bytes& out);
  /// Takes the remote's bytes, appends the answer to `out`. Returns how many bytes of `in` it used: fewer
  /// than all only when agreed. After an error the object is of no use.
  [[nodiscard]] Result<std::size_t> receive(ByteView in, Bytes& out);

  [[nodiscard]] bool agreed() const noexcept { return agreed_; }
  /// The agreed proposal.
  [[nodiscard]] const std::string& protocol() const noexcept { return proposals_[current_]; }

 private:
  std::vector<std::string> proposals_;
  MultistreamReader reader_;
  std::size_t current_ = 0;
  bool header_seen_ = false;
  bool agreed_ = false;
};

class MultistreamListener {
 public:
  /// `supported` must outlive the negotiation and not change during it.
  explicit MultistreamListener(std::span<const std::string> supported) : supported_(supported) {}

  /// As MultistreamDialer::receive.
  [[nodiscard]] Result<std::size_t> receive(ByteView in, Bytes& out);

  [[nodiscard]] bool agreed() const noexcept { return agreed_ != nullptr; }
  [[nodiscard]] const std::string& protocol() const noexcept { return *agreed_; }

 private:
  void answer(std::string_view proposal, Bytes& out);

  std::span<const std::string> supported_;
  MultistreamReader reader_;
  const std::string* agreed_ = nullptr;
  std::size_t rounds_ = 0;
  bool header_seen_ = false;
};

}  // namespace libpreconf::libp2p
