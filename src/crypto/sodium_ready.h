#pragma once
// libsodium asks to be initialised once before anything else; it then picks the fastest code for the
// processor.

namespace libpreconf::crypto {

/// Cheap after the first call; aborts if libsodium cannot start.
void initialise_sodium() noexcept;

}  // namespace libpreconf::crypto
