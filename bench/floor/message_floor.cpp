// One verify, decrypt, frame, SHA-256, two map probes, on messages as the flood sends them: in process, or at
// a rate over TCP, where each message wakes a process that waits in epoll.

#include <fmt/core.h>

#include <unistd.h>

#include <unordered_set>

#include "codec/protobuf.h"
#include "codec/varint.h"
#include "common/message_pool.h"
#include "common/names.h"
#include "common/server_watch.h"
#include "crypto/chacha20poly1305.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "floor/floors.h"
#include "floor/pair.h"
#include "floor/sealed.h"
#include "libp2p/pubsub_message.h"

namespace libpreconf::bench {
namespace {

using MessageId = FixedBytes<20>;

/// What a noise frame of the generator holds.
constexpr std::size_t kPerFrame = 28;
constexpr std::string_view kSigningPrefix = "libp2p-pubsub:";
constexpr std::size_t kSignatureField = 2 + 64;

/// Where the parts of one message lie; all messages have the same form.
struct Form {
  ByteView signed_fields;
  ByteView data;
  ByteView signature;
};

Form find_form(ByteView frame) {
  codec::ProtobufReader reader(frame.subspan(codec::read_varint(frame).size));
  codec::ProtobufField field;
  (void)reader.next(field);
  libp2p::PubsubMessageView view;
  (void)libp2p::parse_pubsub_message(field.bytes, view);
  return {field.bytes.first(field.bytes.size() - kSignatureField), view.payload(), *view.signature};
}

class MessageFloor {
 public:
  explicit MessageFloor(std::size_t count)
      : author_(libp2p::Identity::generate(libp2p::KeyType::ed25519, random_)) {
    frames_ =
        make_messages(author_, kFirstCounter, count / kPerFrame * kPerFrame, kPerFrame, Flaw::none, random_);
    const auto one = make_messages(author_, kFirstCounter, 1, 1, Flaw::none, random_);
    const ByteView first = *one.front();
    const Form form = find_form(first);
    message_size_ = first.size();
    signed_at_ = static_cast<std::size_t>(form.signed_fields.data() - first.data());
    signed_size_ = form.signed_fields.size();
    data_at_ = static_cast<std::size_t>(form.data.data() - first.data());
    signature_at_ = static_cast<std::size_t>(form.signature.data() - first.data());
    const ByteView key = author_.public_key_protobuf();
    key_ = take_fixed<32>(key.last(32));
    seen_.reserve(count);
    for (const auto& frame : frames_) {
      Bytes sealed(frame->size() + crypto::ChaCha20Poly1305::kTagSize);
      cipher_.seal(sealed_.size(), {}, *frame, sealed);
      sealed_.push_back(std::move(sealed));
    }
  }

  /// Nanoseconds per message of a pass over all; the second pass sees duplicates.
  double pass(bool verify) {
    Bytes plain(1 << 16);
    const std::int64_t start = now_ns();
    for (std::size_t i = 0; i < sealed_.size(); ++i) {
      const MutableByteView out = MutableByteView(plain).first(frames_[i]->size());
      if (!cipher_.open(i, {}, sealed_[i], out)) die("the floor's frame does not open");
      for (std::size_t at = 0; at < frames_[i]->size(); at += message_size_) {
        handle(ByteView(out).subspan(at, message_size_), verify);
      }
    }
    return static_cast<double>(now_ns() - start) / static_cast<double>(sealed_.size() * kPerFrame);
  }

  /// Nanoseconds of the server's processor per message; `distinct`: each one is new.
  double paced(std::uint64_t rate, std::size_t count, bool distinct) {
    const auto serve = [this](int socket) {
      SealedSocket sealed(socket);
      sealed.use_epoll();
      for (ByteView message = sealed.read(); !message.empty(); message = sealed.read()) handle(message, true);
    };
    double out = 0;
    run_pair(serve, [&](const Served& served) {
      const ServerWatch watch(served.pid);
      const int socket = connect_to(served.port);
      SealedSocket sealed(socket);
      if (!sealed.write(message(0))) die("the floor's server is gone");
      usleep(20'000);
      const std::int64_t cpu = watch.cpu_ns();
      const std::int64_t start = now_ns();
      for (std::size_t i = 1; i <= count; ++i) {
        const std::int64_t due = start + static_cast<std::int64_t>(i * 1'000'000'000 / rate);
        const timespec until{due / 1'000'000'000, due % 1'000'000'000};
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
        if (!sealed.write(message(distinct ? i : 0))) die("the floor's server is gone");
      }
      usleep(20'000);
      out = static_cast<double>(watch.cpu_ns() - cpu) / static_cast<double>(count);
      close(socket);
    });
    return out;
  }

 private:
  [[nodiscard]] ByteView message(std::size_t index) const {
    return ByteView(*frames_[index / kPerFrame]).subspan(index % kPerFrame * message_size_, message_size_);
  }
  void handle(ByteView message, bool verify) {
    if (codec::read_varint(message).status != codec::VarintStatus::ok) die("the floor's frame has no length");
    constexpr FixedBytes<4> kDomain{};
    const Hash256 hash = crypto::sha256({ByteView(kDomain), message.subspan(data_at_, kCommitmentSize)});
    const MessageId id = take_fixed<20>(hash);
    if (seen_.contains(id)) return;
    if (verify) {
      Bytes& text = signed_bytes_;
      text.assign(kSigningPrefix.begin(), kSigningPrefix.end());
      const ByteView fields = message.subspan(signed_at_, signed_size_);
      text.insert(text.end(), fields.begin(), fields.end());
      if (!crypto::ed25519_verify(key_, text, message.subspan(signature_at_, 64))) {
        die("the floor's signature does not verify");
      }
    }
    seen_.insert(id);
  }

  SystemRandom random_;
  libp2p::Identity author_;
  FixedBytes<32> key_{};
  crypto::ChaCha20Poly1305 cipher_{FixedBytes<32>{7}};
  std::vector<libp2p::SharedBytes> frames_;
  std::vector<Bytes> sealed_;
  std::unordered_set<MessageId, FixedBytesHash> seen_;
  Bytes signed_bytes_;
  std::size_t message_size_ = 0;
  std::size_t signed_at_ = 0;
  std::size_t signed_size_ = 0;
  std::size_t data_at_ = 0;
  std::size_t signature_at_ = 0;
};

}  // namespace

void message_floor(const Arguments& arguments) {
  const std::size_t count = arguments.number("count");
  const std::uint64_t rate = arguments.number_or("rate", 0);
  MessageFloor floor(count + kPerFrame + 1);
  const double first = rate > 0 ? floor.paced(rate, count, true) : floor.pass(true);
  const double duplicate = rate > 0 ? floor.paced(rate, count, false) : floor.pass(true);
  fmt::print("{{\"first_ns\":{:.0f},\"duplicate_ns\":{:.0f}}}\n", first, duplicate);
}

}  // namespace libpreconf::bench
