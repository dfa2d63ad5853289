// Both roles of multistream-select come to the same end however the bytes are split, and take none behind the
// agreement.
#include "fuzz/input.h"
#include "libp2p/multistream.h"

using namespace libpreconf;
using fuzz::require;
using namespace libpreconf::libp2p;

namespace {

const std::vector<std::string> kServed = {"/noise", "/yamux/1.0.0", "/meshsub/1.1.0"};

struct End {
  bool failed = false;
  bool agreed = false;
  std::string protocol;
  std::size_t used = 0;
  Bytes sent;
  friend bool operator==(const End&, const End&) = default;
};

template <class Role>
End feed(Role role, ByteView in, std::size_t piece) {
  End end;
  while (!in.empty() && !end.failed && !end.agreed) {
    const ByteView part = in.first(std::min(piece, in.size()));
    const auto used = role.receive(part, end.sent);
    end.failed = !used;
    end.agreed = used && role.agreed();
    if (used) {
      require(*used <= part.size());
      require(*used == part.size() || end.agreed);
      end.used += *used;
      in = in.subspan(*used);
    }
  }
  if (end.agreed) end.protocol = role.protocol();
  if (end.failed) end.used = 0;
  return end;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t piece = 1 + input.byte();
  const ByteView bytes = input.rest();
  const End listener = feed(MultistreamListener(kServed), bytes, bytes.size());
  require(listener == feed(MultistreamListener(kServed), bytes, piece));
  require(listener.sent.size() <= 4096);
  const End dialer = feed(MultistreamDialer({"/meshsub/1.2.0", "/meshsub/1.1.0"}), bytes, bytes.size());
  require(dialer == feed(MultistreamDialer({"/meshsub/1.2.0", "/meshsub/1.1.0"}), bytes, piece));
  return 0;
}
