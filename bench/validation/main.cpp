// bench_validation [--rounds N] [--k256 PROGRAM]: row 11. The validation of a commitment in process, from its
// bytes to the verdict: a valid one, and each class of invalid ones, beside the recover floor (Keccak of what
// is signed, one recovery by bare libsecp256k1, Keccak of the key). All of them take turns, so that a ratio
// is one of neighbours. Prints one JSON object.

#include <fmt/core.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <cstdio>
#include <functional>
#include <memory>

#include "common/arguments.h"
#include "common/server_watch.h"
#include "common/statistics.h"
#include "crypto/hash.h"
#include "libpreconf/preconf/static_signer_schedule.h"
#include "p2p/commitment_view.h"
#include "p2p/validation_gate.h"
#include "validation/samples.h"

namespace libpreconf::bench {
namespace {

constexpr std::size_t kDearPerRound = 300;
constexpr std::size_t kCheapPerRound = 20'000;
/// A check that costs no signature may take this long, performance.md row 11.
constexpr double kCheapLimit = 3000;
constexpr double kFloorLimit = 1.1;

struct DestroyContext {
  void operator()(secp256k1_context* context) const { secp256k1_context_destroy(context); }
};
using Context = std::unique_ptr<secp256k1_context, DestroyContext>;

Context make_context() {
  Context context(secp256k1_context_create(SECP256K1_CONTEXT_NONE));
  FixedBytes<32> blinding;
  SystemRandom().fill(blinding);
  if (secp256k1_context_randomize(context.get(), blinding.data()) != 1) die("no context");
  return context;
}

/// The floor itself: nothing is looked at that a signature check can do without.
bool recover_bare(const secp256k1_context* context, ByteView ssz, const Address& elected) {
  const p2p::CommitmentView view = *p2p::CommitmentView::of(ssz);
  const Hash256 digest = crypto::keccak256({ByteView(p2p::placeholder_domain()), view.commitment_bytes()});
  const ByteView bytes = view.signature();
  secp256k1_ecdsa_recoverable_signature signature;
  secp256k1_pubkey key;
  if (secp256k1_ecdsa_recoverable_signature_parse_compact(context, &signature, bytes.data(), bytes[64]) !=
          1 ||
      secp256k1_ecdsa_recover(context, &key, &signature, digest.data()) != 1) {
    return false;
  }
  FixedBytes<65> point;
  std::size_t size = point.size();
  secp256k1_ec_pubkey_serialize(context, point.data(), &size, &key, SECP256K1_EC_UNCOMPRESSED);
  return equal(ByteView(crypto::keccak256(ByteView(point).subspan(1))).subspan(12), elected);
}

/// The gate as a node has it, with a heart that takes everything.
class Gate {
 public:
  Gate(const p2p::SignerSchedule& schedule, const Address& slasher)
      : gate_({p2p::placeholder_domain(), slasher}, names_, schedule, hooks()) {}

  /// What a message from a peer goes through.
  p2p::Finding judge(ByteView ssz) {
    const std::string& topic = names_.topic(p2p::Topic::commitments);
    if (gate_.precheck(peer_, topic, ssz) == libp2p::Verdict::accept) {
      gate_.validate({id_, peer_, peer_, topic, ssz, frame_}, Instant{});
    }
    return last_;
  }

 private:
  p2p::GateHooks hooks() {
    p2p::GateHooks out;
    out.report = [](const libp2p::MessageId&, libp2p::Verdict) {};
    out.on_finding = [this](const p2p::PeerId&, p2p::Topic, p2p::Finding finding, bool) { last_ = finding; };
    return out;
  }

  p2p::NetworkNames names_{167000};
  p2p::PeerId peer_;
  libp2p::MessageId id_{};
  libp2p::SharedBytes frame_;
  p2p::Finding last_ = p2p::Finding::accepted;
  p2p::ValidationGate gate_;
};

template <class Work>
double nanoseconds_each(std::size_t count, Work&& work) {
  const std::int64_t start = now_ns();
  for (std::size_t i = 0; i < count; ++i) work(i);
  return static_cast<double>(now_ns() - start) / static_cast<double>(count);
}

double ask_rival(const std::string& program, std::size_t count) {
  const std::string command = program + " " + std::to_string(count);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  double out = 0;
  if (!pipe || std::fscanf(pipe.get(), "%lf", &out) != 1) die("the rival " + program + " gave no figure");
  return out;
}

struct Series {
  std::string_view name;
  bool cheap = false;
  std::vector<double> ours;
  std::vector<double> to_floor;
};

std::string spread(const std::vector<double>& series) {
  return fmt::format(R"({{"median":{:.3f},"min":{:.3f},"max":{:.3f}}})", quantile(series, 0.5),
                     quantile(series, 0), quantile(series, 1));
}

std::vector<double> ratios(const std::vector<double>& ours, const std::vector<double>& others) {
  std::vector<double> out;
  for (std::size_t i = 0; i < ours.size(); ++i) out.push_back(ours[i] / others[i]);
  return out;
}

class Race {
 public:
  explicit Race(const Arguments& arguments) : k256_(arguments.text_or("k256", "")) {
    slasher_.fill(9);
    schedule_ = preconf::StaticSignerSchedule::from_windows({{.from = kWindowStart,
                                                              .to = kWindowEnd,
                                                              .signer = elected_.address(),
                                                              .window_end = kWindowEnd}})
                    .value();
    samples_ = make_samples(elected_, stranger_, slasher_);
    gate_.emplace(*schedule_, slasher_);
    series_.push_back({"valid"});
    for (const Sample& sample : samples_) series_.push_back({sample.name, sample.cheap});
  }

  void round() {
    const Context context = make_context();
    std::vector<Bytes> fresh;
    for (std::size_t i = 0; i < kDearPerRound; ++i) {
      fresh.push_back(sign(elected_, valid_commitment(++next_number_, slasher_)));
    }
    const Address elected = elected_.address();
    // The floor before and after what is held against it: a machine that slows down slows both.
    const auto floor_now = [&] {
      return nanoseconds_each(kDearPerRound / 2, [&](std::size_t i) {
        if (!recover_bare(context.get(), fresh[i], elected)) die("the floor recovers another signer");
      });
    };
    double before = floor_now();
    floor_.push_back(0);
    for (std::size_t i = 0; i < series_.size(); ++i) {
      const double ours = i == 0 ? time_valid(fresh) : time_sample(samples_[i - 1]);
      const double after = floor_now();
      series_[i].ours.push_back(ours);
      series_[i].to_floor.push_back(ours / ((before + after) / 2));
      floor_.back() += (before + after) / 2 / static_cast<double>(series_.size());
      before = after;
    }
    per_call_.push_back(nanoseconds_each(kDearPerRound / 3, [&](std::size_t i) {
      if (!recover_bare(make_context().get(), fresh[i], elected)) die("the rival recovers another signer");
    }));
    if (!k256_.empty()) k256_ns_.push_back(ask_rival(k256_, kDearPerRound));
  }

  void print() const {
    fmt::print(R"({{"number":"11","name":"commitment validation in process","unit":"ns","rows":[)");
    for (std::size_t i = 0; i < series_.size(); ++i) {
      if (i > 0) fmt::print(",");
      print_row(series_[i]);
    }
    fmt::print("]}}\n");
  }

 private:
  double time_valid(const std::vector<Bytes>& fresh) {
    return nanoseconds_each(fresh.size(), [&](std::size_t i) {
      if (gate_->judge(fresh[i]) != p2p::Finding::accepted) die("a valid commitment was not accepted");
    });
  }
  double time_sample(const Sample& sample) {
    return nanoseconds_each(sample.cheap ? kCheapPerRound : kDearPerRound, [&](std::size_t) {
      if (gate_->judge(sample.ssz) != sample.finding) die(fmt::format("{}: another finding", sample.name));
    });
  }
  void print_row(const Series& series) const {
    const bool met = series.cheap ? quantile(series.ours, 0.5) <= kCheapLimit
                                  : quantile(series.to_floor, 0.5) <= kFloorLimit;
    fmt::print(R"({{"number":"11","name":"{}","unit":"ns","higher_is_better":false,"ours":{},"floor":{},)",
               series.name, spread(series.ours), spread(floor_));
    fmt::print(R"("rivals":{{"context per call":{})", spread(per_call_));
    if (!k256_ns_.empty()) fmt::print(R"(,"k256":{})", spread(k256_ns_));
    fmt::print(R"(}},"best_rival":"context per call","ratio_to_best_rival":{},"ratio_to_floor":{},)",
               spread(ratios(series.ours, per_call_)), spread(series.to_floor));
    if (!k256_ns_.empty()) fmt::print(R"("ratio_to_k256":{},)", spread(ratios(series.ours, k256_ns_)));
    fmt::print(R"("aim":"{}","met":{}}})", series.cheap ? "at most 3 us" : "within 1.1 of the recover floor",
               met);
  }

  std::string k256_;
  crypto::Secp256k1Key elected_ = crypto::Secp256k1Key::from_bytes(Bytes(32, 7)).value();
  crypto::Secp256k1Key stranger_ = crypto::Secp256k1Key::from_bytes(Bytes(32, 8)).value();
  Address slasher_{};
  std::optional<preconf::StaticSignerSchedule> schedule_;
  std::vector<Sample> samples_;
  std::optional<Gate> gate_;
  std::uint64_t next_number_ = 1000;
  std::vector<Series> series_;
  std::vector<double> floor_;
  std::vector<double> per_call_;
  std::vector<double> k256_ns_;
};

}  // namespace
}  // namespace libpreconf::bench

int main(int argc, char** argv) {
  using namespace libpreconf::bench;
  const Arguments arguments(argc, argv, 1);
  Race race(arguments);
  const std::uint64_t rounds = arguments.number_or("rounds", 15);
  for (std::uint64_t i = 0; i < rounds; ++i) race.round();
  race.print();
  return 0;
}
