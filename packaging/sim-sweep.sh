#!/bin/sh
# Plays many seeds of simulated networks: 10,000 of the mix with 100 nodes each, then 100 with the real
# primitives. A record of what was played goes to tests/sim/runs.md by hand.
#   packaging/sim-sweep.sh [--seeds N] [--first S] [--jobs J]
set -eu
cd "$(dirname "$0")/.."
seeds=10000
first=1
jobs=$(nproc)
while [ $# -gt 0 ]; do
  case $1 in
    --seeds) seeds=$2 ;;
    --first) first=$2 ;;
    --jobs) jobs=$2 ;;
    *) echo "usage: packaging/sim-sweep.sh [--seeds N] [--first S] [--jobs J]" >&2; exit 2 ;;
  esac
  shift 2
done
cmake --preset sweep
cmake --build --preset sweep
build/sweep/tests/sim/sim_sweep --seeds "$seeds" --first "$first" --jobs "$jobs"
build/sweep/tests/sim/sim_sweep_real --seeds 100 --first "$first" --jobs "$jobs"
