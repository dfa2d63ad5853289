#pragma once
// Every bound of this folder, with the attack (A1 ... C17, see docs) or the source it answers to.
// One section per part; sizes are bytes unless the name says otherwise.

#include <cstddef>
#include <cstdint>

#include "libpreconf/base/clock.h"

namespace libpreconf::libp2p::limits {

// ---- Transport: multiaddr, multistream-select, noise, yamux, connections, identify, ping ----

/// DNS: a name has at most 253 characters; the rest of a multiaddr that we understand fits twice over.
inline constexpr std::size_t kMultiaddrText = 512;
inline constexpr std::size_t kMultiaddrBytes = 320;
inline constexpr std::size_t kDnsName = 253;

/// A7. Rust reads up to 16383; the longest protocol id of the network has 50 characters.
inline constexpr std::size_t kMultistreamMessage = 1024;
/// A7: proposals, `ls` included, that one negotiation may take.
inline constexpr std::size_t kMultistreamRounds = 10;

/// Noise specification: a message has at most 65535 bytes, of which 16 are the tag.
inline constexpr std::size_t kNoiseMessage = 65535;
inline constexpr std::size_t kNoisePlaintext = kNoiseMessage - 16;
/// A5: a handshake message. Ours has 200 bytes; extensions of others add a few hundred.
inline constexpr std::size_t kNoiseHandshakeMessage = 4096;
/// Reassembly blocks of 64 KiB that the process keeps for the next connection that needs one.
inline constexpr std::size_t kNoiseSpareBlocks = 4;

/// yamux specification: credit of a new stream.
inline constexpr std::uint32_t kYamuxInitialWindow = 256 * 1024;
/// What a stream that moves bulk data is raised to. Nothing is buffered below the protocol, so this bounds
/// what a protocol that stops reading can still get.
inline constexpr std::uint32_t kYamuxReceiveWindow = 1024 * 1024;
/// B5: body of one frame (rust-yamux).
inline constexpr std::uint32_t kYamuxFrameBody = 1024 * 1024;
/// B3: streams of both directions (rust-yamux).
inline constexpr std::size_t kYamuxStreams = 512;
/// yamux specification: streams of ours that the remote has not acknowledged.
inline constexpr std::size_t kYamuxAckBacklog = 256;
/// Body that one stream may put on the wire before the next one has its turn.
inline constexpr std::size_t kYamuxTurn = 16 * 1024;
/// B6: pongs and resets that wait because the remote does not read.
inline constexpr std::size_t kYamuxControlQueue = 256;
/// B4, B6: pings, resets, and frames for streams that are not: burst, and refill per second.
inline constexpr std::uint32_t kYamuxGlitchBurst = 1000;
inline constexpr std::uint32_t kYamuxGlitchRate = 100;
/// B9: data frames under 64 bytes; IDONTWANT at full gossip speed stays below.
inline constexpr std::uint32_t kYamuxSmallFrame = 64;
inline constexpr std::uint32_t kYamuxSmallFrameBurst = 100'000;
inline constexpr std::uint32_t kYamuxSmallFrameRate = 50'000;

/// B7: bytes that all streams of a connection together may have queued before the connection is given up.
/// Protocols have lower limits of their own; this is the one that cannot be forgotten.
inline constexpr std::size_t kConnectionQueued = 32 * 1024 * 1024;
/// Absolute deadline of the whole upgrade (A1; rust-libp2p's builder uses the same).
inline constexpr Duration kUpgradeTimeout{std::chrono::seconds(10)};
/// One stream's negotiation, either side (p2p-wire 4.1).
inline constexpr Duration kNegotiationTimeout{std::chrono::seconds(10)};
/// Inbound streams of one connection that negotiate at once (p2p-wire 4.1).
inline constexpr std::size_t kNegotiatingStreams = 128;
/// Time that a closed connection has to write out its go away.
inline constexpr Duration kCloseLinger{std::chrono::seconds(1)};

/// p2p-wire 15.2.
inline constexpr std::size_t kPendingInbound = 40;
inline constexpr std::size_t kPendingOutbound = 40;
inline constexpr std::size_t kEstablishedInbound = 110;
inline constexpr std::size_t kEstablishedOutbound = 110;
inline constexpr std::size_t kEstablished = 220;
inline constexpr std::size_t kEstablishedPerPeer = 4;
inline constexpr std::size_t kAddressesPerDial = 16;
/// A2: inbound connections from one IPv4 address or IPv6 /64, and from one /24 or /48. Loopback is exempt.
inline constexpr std::size_t kInboundPerIp = 16;
inline constexpr std::size_t kInboundPerSubnet = 64;
/// A3: inbound handshakes: burst, and refill per second. One costs about 0.25 ms.
inline constexpr std::uint32_t kHandshakeBurst = 1000;
inline constexpr std::uint32_t kHandshakeRate = 500;
/// Peers that are refused for a time; the oldest entry makes room.
inline constexpr std::size_t kBlockedPeers = 4096;
inline constexpr std::size_t kListeners = 16;
inline constexpr std::size_t kProtocols = 64;

/// identify specification: what Rust reads of one message, and so the most that we send.
inline constexpr std::size_t kIdentifyMessage = 4096;
/// go's signed messages reach 8 KiB, in at most ten parts.
inline constexpr std::size_t kIdentifyReceived = 8192;
inline constexpr std::size_t kIdentifyParts = 10;
/// What is kept of a peer's answer.
inline constexpr std::size_t kIdentifyText = 128;
inline constexpr std::size_t kIdentifyProtocols = 64;
inline constexpr std::size_t kIdentifyAddresses = 16;
/// p2p-wire 5.
inline constexpr Duration kIdentifyTimeout{std::chrono::seconds(60)};
inline constexpr std::size_t kIdentifyStreams = 10;

/// p2p-wire 6.
inline constexpr std::size_t kPingSize = 32;
inline constexpr Duration kPingInterval{std::chrono::seconds(15)};
inline constexpr Duration kPingTimeout{std::chrono::seconds(20)};
/// Pings in a row without an answer, with no other byte from the peer, after which it counts as gone.
inline constexpr std::uint32_t kPingFailures = 3;

}  // namespace libpreconf::libp2p::limits
