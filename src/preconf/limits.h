#pragma once
// Every bound of the heart, with the attack or the source that it answers to. Bounds of the store stand in
// MemoryCommitmentStore::Limits, those of the embedded driver's queue in EmbeddedDriverClient.

#include <cstddef>
#include <cstdint>

#include "libpreconf/base/clock.h"

namespace libpreconf::preconf {

using namespace std::chrono_literals;

// --- What is accepted --------------------------------------------------------------------------------------

/// A commitment further above the tip than this is not stored: one giant number from an elected signer would
/// poison the head (node book 21.2).
inline constexpr std::uint64_t kMaxBlocksAhead = 1024;
/// Commitments that one signer may place at one height: the promise and the evidence against it (program.md).
inline constexpr std::size_t kMaxCandidatesPerSigner = 2;
/// proposalId is an uint48 in the payload's extra data (node book 11.1).
inline constexpr std::uint64_t kMaxProposalId = (std::uint64_t{1} << 48) - 1;
/// Hand-over markers between two blocks. Each is signed by an elected preconfer, so a handful is generous.
inline constexpr std::size_t kMaxMarkerChain = 16;
/// Commitments whose parent may be a marker that has not come yet, and how long they wait for it: a slot.
inline constexpr std::size_t kMaxOrphans = 64;
inline constexpr Duration kOrphanAge = 12s;
/// Blocks that proved bad and are not taken again; three slots' worth of one a second per candidate.
inline constexpr std::size_t kMaxBadBlocksRemembered = 1024;

// --- Submission --------------------------------------------------------------------------------------------

/// Hashes of what was executed, to check parents against; more than any gap that is repaired live.
inline constexpr std::size_t kMaxExecutedRemembered = 1024;
/// Markers that went to the driver already.
inline constexpr std::size_t kMaxMarkersRemembered = 1024;
/// A driver that has not answered by then is asked again (node book 2.3: 12 s and 12 s).
inline constexpr Duration kSubmitDeadline = 24s;
/// First and longest pause between attempts (node book 8.5 row 10).
inline constexpr Duration kRetryFirst = 1s;
inline constexpr Duration kRetryLongest = 12s;
/// The timer of node book 6.8 hole 1, for whatever no event told us.
inline constexpr Duration kTick = 1s;

// --- Transaction lists -------------------------------------------------------------------------------------

/// Output of one slice of inflating: about half a millisecond.
inline constexpr std::size_t kInflateSliceBytes = 128U << 10;
/// Elements of an inflated list that one slice looks at: about 15 ns each.
inline constexpr std::size_t kParseSliceElements = 16'384;
/// Input of one slice of Keccak: about half a millisecond.
inline constexpr std::size_t kHashSliceBytes = 128U << 10;
/// Lists that are waited for: each height of the window with all its candidates.
inline constexpr std::size_t kMaxAwaitingTxLists = kMaxBlocksAhead * 4;
/// Requests at a time (node book 8.3).
inline constexpr std::size_t kMaxTxListFetches = 4;
/// Only lists of the next blocks are fetched: what lies further ahead would only fill the store.
inline constexpr std::uint64_t kTxListFetchAhead = 64;
/// When a list is not to be had for so long, the next candidate of the height gets its chance: a slot.
inline constexpr Duration kTxListOverdue = 12s;

// --- Catch-up ----------------------------------------------------------------------------------------------

/// Most blocks that one catch-up fetches: what peers retain (node book 2.3, 8.5 row 3).
inline constexpr std::uint64_t kMaxCatchUpSpan = 3840;
/// Pages that a peer may take to serve them; 15 would do for pages of 256, 60 for those of 64.
inline constexpr std::size_t kMaxCatchUpPages = 120;
/// Signatures recovered in one slice: about 0.7 ms at 43 us each.
inline constexpr std::size_t kValidationsPerSlice = 16;
/// Commitments handed over in one slice.
inline constexpr std::size_t kReplayPerSlice = 64;
/// A gap below what is stored must last so long before peers are asked for it again.
inline constexpr Duration kGapPatience = 2s;
/// Peers that must have nothing for us before we believe that nothing is missing; all, where we know better.
inline constexpr std::size_t kAgreeingPeers = 3;
/// Pauses between questions to peers whether anything is missing: short at first, because those that we asked
/// may have come as late as we did; then half a slot, two requests of the seven that ten seconds allow.
inline constexpr Duration kProbeFirst = 2s;
inline constexpr Duration kProbeLongest = 6s;
/// Pause between two repairs of gaps.
inline constexpr Duration kGapCooldown = 12s;

// --- Publishing --------------------------------------------------------------------------------------------

/// Publications that wait at once; each may hold a list of 2 MiB and its decoded form.
inline constexpr std::size_t kMaxPublications = 16;
/// Answers kept, so that the same bytes again get the same one.
inline constexpr std::size_t kMaxAnswersRemembered = 256;
/// Heights reserved by what this node has published (equivocation guard).
inline constexpr std::size_t kMaxHeightsReserved = 1024;
/// A publication whose block was not executed by then is answered with an error (RPC deadline: 60 s).
inline constexpr Duration kPublishDeadline = 24s;
/// Messages that wait for a peer to publish to, how often they are tried, and how long: a slot.
inline constexpr std::size_t kMaxOutbox = 64;
inline constexpr Duration kOutboxRetry = 250ms;
inline constexpr Duration kOutboxAge = 12s;

}  // namespace libpreconf::preconf
