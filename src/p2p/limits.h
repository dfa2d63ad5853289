#pragma once
// Every bound of Taiko's network layer, with the attack or the source it answers to.

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "libpreconf/base/clock.h"
#include "libpreconf/p2p/messages.h"

namespace libpreconf::p2p::limits {

using std::chrono::milliseconds;
using std::chrono::seconds;

// --- Gossip ------------------------------------------------------------------------------------------------

/// Largest payloads of the two topics (p2p-wire 10.3, 10.4); anything longer is refused before it is hashed.
inline constexpr std::size_t kCommitmentPayload = kSignedCommitmentSize;
inline constexpr std::size_t kRawTxListPayload = 36 + kMaxTxListBytes;
/// Keccak in one go: about half a millisecond. Longer lists are hashed in slices of this, one a turn
/// (design rule 1).
inline constexpr std::size_t kHashSliceBytes = 256 * 1024;
/// Lists that wait for their hash: four of the largest. Beyond it a list is ignored without blame; it can be
/// fetched by hash (attack: a flood of 2 MiB lists).
inline constexpr std::size_t kPendingListBytes = 4 * kRawTxListPayload;
/// Commitments whose schedule is unknown: 256 of them hold about 200 KiB (attack D12: commitments for a
/// schedule that we do not have yet).
inline constexpr std::size_t kHeldCommitments = 256;
/// One peer's share of them, so that one relayer cannot fill the hold.
inline constexpr std::size_t kHeldCommitmentsPerPeer = 64;
/// A held commitment is ignored after one slot (node book 2.3): by then its window has passed.
inline constexpr Duration kHoldTime{seconds(12)};
/// Held commitments judged again per turn when the schedule has changed; each may cost the heart 50 us.
inline constexpr std::size_t kRejudgedPerTurn = 16;
/// Accepted contents remembered for deduplication: at one commitment each 2 s, more than two hours
/// (attack C12: replays from beyond gossip's own two minutes).
inline constexpr std::size_t kKnownCommitments = 4096;

// --- Reputation (p2p-wire 7.9, 12.4) -----------------------------------------------------------------------

inline constexpr double kReward = 0.05;
inline constexpr double kPenalty = 1.0;
/// For what is impolite but harmless: more requests than the window allows.
inline constexpr double kSmallPenalty = 0.1;
inline constexpr double kPenaltyCapPerWindow = 4.0;
inline constexpr Duration kPenaltyWindow{seconds(10)};
inline constexpr double kScoreMax = 10.0;
inline constexpr double kScoreMin = -10.0;
/// About 0.9 in ten seconds.
inline constexpr Duration kScoreHalfLife{seconds(66)};
/// What others made a peer relay never takes it below this: gossip and publishes to it go on. Otherwise one
/// stranger with a key could make us cut every honest relayer (p2p-wire 12.4).
inline constexpr double kRelayedPenaltyFloor = -1.0;
inline constexpr double kBanScore = -5.0;
inline constexpr Duration kBanSustain{seconds(30)};
/// Bans expire; the reference's never do, which splits networks (p2p-wire 19.2).
inline constexpr Duration kBanTime{std::chrono::minutes(10)};
/// Peers remembered, connected or not: about 200 bytes each (attack: fresh identities without end).
inline constexpr std::size_t kReputationPeers = 1024;
inline constexpr std::size_t kBannedPeers = 1024;
/// A score that has decayed to this is forgotten.
inline constexpr double kForgottenScore = 0.01;

// --- Request-response (p2p-wire 9) -------------------------------------------------------------------------

inline constexpr std::size_t kHeadRequestBytes = 128;
inline constexpr std::size_t kHeadResponseBytes = 64 * 1024;
inline constexpr std::size_t kCommitmentsRequestBytes = 512;
inline constexpr std::size_t kCommitmentsResponseBytes = 1024 * 1024;
inline constexpr std::size_t kRawTxListRequestBytes = 256;
inline constexpr std::size_t kRawTxListResponseBytes = 2 * 1024 * 1024 + 4096;
/// The window in which requests are counted, ours and theirs (p2p-wire 13.3).
inline constexpr Duration kRequestWindow{seconds(10)};
/// Ours: one below the eight at which reference peers ban (program.md).
inline constexpr std::uint32_t kRequestsPerWindow = 7;
/// Requests of ours that wait for their turn, for all peers together.
inline constexpr std::size_t kWaitingRequests = 1024;
/// Signatures of a page recovered per turn: 16 cost 0.7 ms (design rule 1).
inline constexpr std::size_t kRecoveriesPerTurn = 16;
/// What checking answers may cost in one turn: estimated microseconds, after which no further slice is begun.
/// The largest slice, 16 recoveries or 256 KiB, comes on top of it.
inline constexpr std::size_t kCheckingPerTurn = 400;
inline constexpr std::size_t kRecoveryCost = 50;
inline constexpr std::size_t kHashBytesPerCost = 256;
/// Of what the heart does with an answer.
inline constexpr std::size_t kCallbackCost = 10;
/// A request over the window is answered late, not refused, while fewer than this of the peer's wait and the
/// wait is within its deadline (p2p-wire 19.1, 19).
inline constexpr std::size_t kLateAnswersPerPeer = 8;
inline constexpr std::size_t kLateAnswers = 256;
inline constexpr Duration kLatestAnswer{seconds(6)};

// --- Peers -------------------------------------------------------------------------------------------------

/// Redials of static peers: 1 s, doubling to 12 s (node book 2.3), with up to a quarter of jitter.
inline constexpr Duration kRedialFirst{seconds(1)};
inline constexpr Duration kRedialMax{seconds(12)};
inline constexpr std::size_t kStaticPeers = 256;
/// Faults reported in one second; more are counted (attack: a flood of bad messages makes us write texts).
inline constexpr std::uint32_t kFaultsPerSecond = 32;
/// On stopping: what part of the time goes to exchanges that are under way, and how often we look. A
/// connection that closes in the middle of one gets us banned by reference peers (p2p-wire 9.4).
inline constexpr int kStopDrainDivisor = 2;
inline constexpr Duration kStopPoll{milliseconds(20)};
/// How often time is looked at: holds, bans, decay.
inline constexpr Duration kTick{seconds(1)};

}  // namespace libpreconf::p2p::limits
