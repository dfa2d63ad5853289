#pragma once
// Every bound of this folder, with the attack (A1 and so on, the threat list's numbers) or the source it
// answers to. One section per part; sizes are bytes unless the name says otherwise.

#include <chrono>
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
/// What we put into one frame, length and tag included: a chunk of the reactor's output queue, which stays
/// warm in the cache and comes from its pool. Larger frames gain nothing.
inline constexpr std::size_t kNoiseFrameSent = 16 * 1024;
/// What one connection seals in one turn; the rest waits for the next, so that nobody holds the loop.
inline constexpr std::size_t kSealedPerTurn = 256 * 1024;
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
/// One address of a dial: to TCP's answer.
inline constexpr Duration kConnectTimeout{std::chrono::seconds(5)};
/// A2: inbound connections from one IPv4 address or IPv6 /64, and from one /24 or /48. Loopback is exempt.
inline constexpr std::size_t kInboundPerIp = 16;
inline constexpr std::size_t kInboundPerSubnet = 64;
/// A3: inbound handshakes: burst, and refill per second. One costs about 0.25 ms. Loopback is exempt.
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
/// Pings in a row that fail while no byte at all comes from the peer, after which it counts as gone.
inline constexpr std::uint32_t kPingFailures = 3;

// ==== Gossipsub and request-response ====

// ---- gossipsub: what one frame may hold ----

/// Protobuf bytes of one RPC, the varint not counted (7.1).
inline constexpr std::size_t kMaxRpcSize = 10485760;
/// The varint in front of it: 10 MiB needs four bytes, five fit 32 bits.
inline constexpr std::size_t kMaxFramePrefix = 5;
/// C3: subscription entries of one RPC; more ends the stream.
inline constexpr std::size_t kMaxSubscriptionsPerRpc = 100;
/// C4: bytes of control entries in one RPC. One IHAVE of 5000 ids, which every implementation may send, has
/// 110 kB; the 16 KiB that others chose for decoders that allocate would refuse it.
inline constexpr std::size_t kMaxControlBytesPerRpc = 128 << 10;
/// C10: partial frames of all peers together. Beyond it the stream whose frame grows is reset.
inline constexpr std::size_t kMaxReassemblyBytes = 64 << 20;
/// C10: time that a frame may take from its first byte to its last.
inline constexpr Duration kFrameDeadline = std::chrono::seconds(60);
/// Capacity that an emptied receive or scratch buffer keeps.
inline constexpr std::size_t kKeptBufferBytes = 64 << 10;
/// Work of one turn of the loop in units of one signature over a small message; 16 take about 0.7 ms.
inline constexpr int kWorkPerTurn = 16;
/// Signed bytes that cost as much as one signature (SHA-512 runs at about 0.5 GB/s).
inline constexpr std::size_t kBytesPerWorkUnit = 16 << 10;

/// From a good verdict until the message is sent on. Any time to come is the next turn of the loop, which
/// reads the sockets first: copies that the rest of the mesh sent meanwhile spare one each.
inline constexpr Duration kForwardPause = std::chrono::microseconds(1);

// ---- gossipsub: tables ----

/// Topics that a router knows. Taiko has two.
inline constexpr std::size_t kMaxTopics = 8;
/// Peers of a router: over the swarm's 110 inbound and 110 outbound connections (15.2).
inline constexpr std::size_t kMaxGossipPeers = 256;
/// Ids of the last 120 s (7.5). At the limit the oldest goes: 131072 are 1000 a second, 6 MiB.
inline constexpr std::size_t kMaxSeenIds = 131072;
/// Messages that wait for the application's verdict; further ones are dropped before their signature is
/// looked at, so that a later copy may try again.
inline constexpr std::size_t kMaxPendingMessages = 1024;
inline constexpr std::size_t kMaxPendingBytes = 32 << 20;
/// Messages of the last 12 heartbeats, kept for IWANT; at the limit the oldest goes.
inline constexpr std::size_t kMaxCachedMessages = 16384;
inline constexpr std::size_t kMaxCachedBytes = 32 << 20;
/// IDONTWANT ids kept per peer (7.5); at the limit the oldest goes.
inline constexpr std::size_t kMaxUnwantedIdsPerPeer = 10000;
/// C7: IDONTWANT entries heeded per peer and heartbeat (go-pubsub).
inline constexpr std::uint32_t kMaxIdontwantPerHeartbeat = 10;
/// C5: ids asked for and not yet delivered, of all peers.
inline constexpr std::size_t kMaxPromises = 16384;
/// C6: bytes served by IWANT per peer and heartbeat: four of the largest txlists.
inline constexpr std::size_t kMaxIwantBytesPerHeartbeat = 8500000;
/// Scores and backoffs of peers that left, kept an hour (7.7); at the limit the oldest goes.
inline constexpr std::size_t kMaxRetainedPeers = 1024;
/// C1, C2: the largest backoff honoured, in seconds (0.49.4 patch).
inline constexpr std::uint64_t kMaxRemoteBackoffSeconds = 3600;
/// C8: answers to unwelcome GRAFTs per peer and heartbeat.
inline constexpr std::uint32_t kMaxPruneAnswersPerHeartbeat = 4;

// ---- gossipsub: streams and send queues ----

/// The reference disables gossipsub on a connection at its fifth stream event (7.1).
inline constexpr std::uint32_t kMaxGossipStreamAttempts = 4;
/// Bytes handed to a stream before frames wait in the peer's own queue, where they can still be dropped.
inline constexpr std::size_t kStreamHighWater = 64 << 10;
/// C17: messages that wait for one peer: two of the largest txlists and change. The oldest forwarded one
/// goes first. The bytes are shared between queues.
inline constexpr std::size_t kMaxQueuedMessageBytes = 5 << 20;
inline constexpr std::size_t kMaxQueuedMessages = 2500;
/// Control frames that wait for one peer; further ones are refused.
inline constexpr std::size_t kMaxQueuedControlBytes = 512 << 10;
inline constexpr std::size_t kMaxQueuedControlFrames = 512;
/// How long a forwarded and an own message may wait (7.5).
inline constexpr Duration kForwardWait = std::chrono::seconds(1);
inline constexpr Duration kPublishWait = std::chrono::seconds(5);

// ---- request-response ----

/// Streams per connection and protocol, inbound plus outbound (9.4).
inline constexpr std::size_t kMaxExchangesPerProtocol = 100;
/// Exchange after negotiation, either role (9.4).
inline constexpr Duration kExchangeTimeout = std::chrono::seconds(10);
/// After its deadline a request is read on and discarded for as long again: a reset may count as an offence
/// of ours (9.4).
inline constexpr Duration kExchangeLinger = std::chrono::seconds(10);
/// D3: length prefix of a frame: 32 bits (9.3).
inline constexpr std::size_t kMaxRequestResponsePrefix = 5;
/// Protocols that one RequestResponse serves. Taiko has three.
inline constexpr std::size_t kMaxRequestResponseProtocols = 8;

}  // namespace libpreconf::libp2p::limits
