#include "crypto/sodium_ready.h"

#include <sodium.h>

#include "base/check.h"

namespace libpreconf::crypto {

void initialise_sodium() noexcept {
  static const bool ready = sodium_init() >= 0;
  PRECONF_ASSERT(ready);
}

}  // namespace libpreconf::crypto
