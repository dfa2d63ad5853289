#pragma once
// The floors. README.md says of which primitives each one consists.

#include "common/arguments.h"

namespace libpreconf::bench {

/// Row 1: nanoseconds per message, in process: --count N.
void message_floor(const Arguments& arguments);
/// Row 3: --count N.
void echo_floor(const Arguments& arguments);
/// Row 4: --count N.
void connect_floor(const Arguments& arguments);
/// Row 7: --mib N.
void bulk_floor(const Arguments& arguments);
/// Rows 8 and 11: nanoseconds per recovery: --count N.
void recover_floor(const Arguments& arguments);

}  // namespace libpreconf::bench
