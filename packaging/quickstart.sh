#!/usr/bin/env bash
# From a clone to a running network: installs what the build lacks, builds preconfd, and starts a devnet of
# four nodes that ends by itself after a handful of blocks.
#
#   packaging/quickstart.sh              # six blocks
#   packaging/quickstart.sh --blocks 20  # arguments go to `preconfd devnet`
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/dependencies.sh

ensure_packages "${build_packages[@]}"

say "Building preconfd into build/quickstart"
cmake --preset quickstart >/dev/null
cmake --build --preset quickstart --target preconfd

if [ "$#" -eq 0 ]; then
  set -- --blocks 6
fi
say "Starting: build/quickstart/preconfd devnet $*"
exec build/quickstart/preconfd devnet "$@"
