#!/usr/bin/env bash
# The races: our node against the Rust, Go and JavaScript peers, beside the floors of the machine.
#
#   bench/races.sh [--quick] [--rows 1,3] [--name TEXT] [--pairs N] [--rivals rust,go,js]
#
# Installs what it lacks, builds what it needs and writes races.md, races.json and races.svg to bench/results/
# (to build/results/ with --quick: short rounds show that everything runs, they are no result). A rival whose
# toolchain this machine lacks is named in the table. PRECONF_RUST_PEER, PRECONF_GO_PEER and PRECONF_JS_PEER
# name peers that are built already. JOBS sets the parallelism of the build.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/dependencies.sh
. packaging/peers.sh

jobs=${JOBS:-$(nproc)}
results=bench/results
for argument in "$@"; do
  if [ "$argument" = --quick ]; then results=build/results; fi
done
[ "$(nproc)" -ge 2 ] || die "the races need two cores: one for the server under test, one for the generator"

race_packages=(util-linux binutils)
command -v python3 >/dev/null || race_packages+=(python3)
ensure_packages "${build_packages[@]}" "${race_packages[@]}"

if [ -z "${PRECONF_RUST_PEER:-}${PRECONF_GO_PEER:-}${PRECONF_JS_PEER:-}" ]; then
  say "Foreign peers"
  build_peers
  for kind in "${skipped_peers[@]}"; do
    export "PRECONF_${kind^^}_MISSING=${peer_state[$kind]#SKIPPED, }"
  done
fi

# The rival of row 11.
if [ -z "${PRECONF_K256_RIVAL:-}" ] && command -v cargo >/dev/null; then
  say "Building the k256 rival into build/rivals"
  mkdir -p build/rivals
  cp -ru bench/rivals/k256 build/rivals/
  if (cd build/rivals/k256 && CARGO_TARGET_DIR=$PWD/target cargo build --release --quiet); then
    export PRECONF_K256_RIVAL=$PWD/build/rivals/k256/target/release/preconf-k256-rival
  fi
fi

say "Building with -O2 into build/release"
cmake --preset release -DPRECONF_BENCH=ON >/dev/null
cmake --build build/release -j "$jobs" --target preconfd bench_generator bench_server bench_floor bench_catch_up bench_validation \
  empty_program

say "Racing"
exec python3 bench/races/main.py --build build/release --results "$results" "$@"
