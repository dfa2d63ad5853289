#!/usr/bin/env bash
# The whole test suite: installs what it lacks, builds, and runs
#   - the dev build (g++): every test, the interoperability tests with foreign libp2p peers among them;
#   - the asan build (clang 19, address and undefined behaviour sanitizers): unit tests and the replay of every
#     fuzz corpus.
#
# A foreign peer whose toolchain this machine lacks is skipped and named in the summary. PRECONF_REQUIRE_PEERS
# (for example js,rust,go) names those that must not be skipped. JOBS sets the parallelism.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/dependencies.sh
. packaging/peers.sh

jobs=${JOBS:-$(nproc)}
ensure_packages "${build_packages[@]}" "${test_packages[@]}"

say "Foreign peers for the interoperability tests"
build_peers

# The program's size and memory are measured on an optimised, stripped build.
say "Building preconfd, -O2, into build/quickstart"
cmake --preset quickstart >/dev/null
cmake --build --preset quickstart --target preconfd -j "$jobs"
export PRECONF_RELEASE_PROGRAM=$PWD/build/quickstart/preconfd

say "Building with g++ into build/dev"
cmake --preset dev >/dev/null
cmake --build --preset dev -j "$jobs"

say "Building with clang 19, ASan and UBSan, into build/asan"
cmake --preset asan >/dev/null
cmake --build --preset asan -j "$jobs" --target asan_tests

# run_suite NAME BUILD-FOLDER CTEST-ARGUMENT...: the runner's own output, kept for the summary.
failed=0
run_suite() {
  local name=$1 folder=$2 log=build/$1-tests.log
  shift 2
  say "Tests: $name"
  ctest --test-dir "$folder" --output-on-failure --no-tests=error -j "$jobs" "$@" 2>&1 | tee "$log" || failed=1
}

exclude=()
if [ "${#skipped_peers[@]}" -gt 0 ]; then
  exclude=(-LE "^peer-($(IFS='|'; echo "${skipped_peers[*]}"))\$")
fi
run_suite dev build/dev "${exclude[@]}"
run_suite asan build/asan -L '^(unit|fuzz)$'

say "Summary"
for kind in "${peer_kinds[@]}"; do
  printf '    %-5s peer: %s\n' "$kind" "${peer_state[$kind]}"
done
for name in dev asan; do
  printf '    %-4s  %s\n' "$name" "$(grep -E 'tests passed, [0-9]+ tests? failed out of [0-9]+' "build/$name-tests.log" || echo 'the test runner did not finish')"
done
# counted NAME 1|2: failed tests, or all of them, out of the runner's closing line.
counted() {
  sed -nE "s/.*tests passed, ([0-9]+) tests? failed out of ([0-9]+).*/\\$2/p" "build/$1-tests.log" | tail -n 1
}
total=0 broken=0
for name in dev asan; do
  all=$(counted "$name" 2)
  bad=$(counted "$name" 1)
  total=$((total + ${all:-0}))
  broken=$((broken + ${bad:-0}))
done
printf '%d tests: %d passed, %d failed; %d kinds of foreign peers skipped\n' \
  "$total" "$((total - broken))" "$broken" "${#skipped_peers[@]}"
exit "$failed"
