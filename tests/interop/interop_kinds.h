#pragma once
// The kinds of foreign peers, as parameters of tests.

#include <gtest/gtest.h>

#include <string>

#include "interop/foreign_peer.h"

namespace libpreconf::test {

inline auto every_kind() {
  return testing::Values(PeerKind("js"), PeerKind("rust"), PeerKind("go"));
}

/// Names the parameter in test names, which is also how one kind is selected: --gtest_filter=*/rust*
inline std::string kind_name(const testing::TestParamInfo<PeerKind>& info) {
  return info.param;
}

}  // namespace libpreconf::test
