# Sourced by test.sh: builds the foreign peers of tests/interop into build/interop, where the toolchains allow.
# Sets PRECONF_JS_PEER, PRECONF_RUST_PEER and PRECONF_GO_PEER for the tests, `peer_state` for the summary, and
# `skipped_peers`. A peer is built again only when its sources changed.

peer_kinds=(js rust go)
skipped_peers=()
declare -A peer_state=()

# The least versions that the peers' own dependencies accept.
least_node=20.0
least_rust=1.89
least_go=1.26

# at_least HAVE WANT: compares dotted version numbers.
at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# need_tool NAME HAVE WANT: sets `reason` and fails if the tool is missing or too old.
need_tool() {
  if [ -z "$2" ]; then
    reason="$1 is not installed ($3 or later is needed)"
    return 1
  fi
  if ! at_least "$2" "$3"; then
    reason="$1 $2 is too old ($3 or later is needed)"
    return 1
  fi
}

check_js() {
  need_tool node "$(node --version 2>/dev/null | tr -d v)" "$least_node" || return 1
  need_tool npm "$(npm --version 2>/dev/null)" 8
}
check_rust() {
  need_tool cargo "$(cargo --version 2>/dev/null | cut -d ' ' -f 2)" "$least_rust"
}
check_go() {
  need_tool go "$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | tr -d go)" "$least_go"
}

# Each runs in its folder below build/interop, which holds a copy of the sources.
build_js() { npm install --no-package-lock --no-audit --no-fund --loglevel=error; }
build_rust() { CARGO_TARGET_DIR=$PWD/target cargo build --release --quiet --bin peer; }
build_go() { GOTOOLCHAIN=local go build -trimpath -ldflags '-s -w' -o go-peer .; }

peer_program() {
  case $1 in
    js) echo peer.mjs ;;
    rust) echo target/release/peer ;;
    go) echo go-peer ;;
  esac
}

build_peer() {
  local kind=$1 sources=tests/interop/$1-peer folder=build/interop/$1-peer stamp
  stamp=$(cd "$sources" && find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d ' ' -f 1)
  if [ "$(cat "$folder/.built" 2>/dev/null)" = "$stamp" ]; then
    return 0
  fi
  mkdir -p "$folder"
  rm -f "$folder/.built"
  cp -r "$sources/." "$folder/"
  (cd "$folder" && "build_$kind") || return 1
  echo "$stamp" >"$folder/.built"
}

build_peers() {
  local kind reason required
  for kind in "${peer_kinds[@]}"; do
    reason=
    if "check_$kind"; then
      printf '    %-5s peer: building into build/interop/%s-peer\n' "$kind" "$kind"
      if ! build_peer "$kind" || [ ! -e "build/interop/$kind-peer/$(peer_program "$kind")" ]; then
        die "the $kind peer could not be built"
      fi
      export "PRECONF_${kind^^}_PEER=$PWD/build/interop/$kind-peer/$(peer_program "$kind")"
      peer_state[$kind]="tested"
      continue
    fi
    required=",${PRECONF_REQUIRE_PEERS:-},"
    if [[ $required == *",$kind,"* ]]; then
      die "the $kind peer is required, but $reason"
    fi
    printf '    %-5s peer: SKIPPED, %s\n' "$kind" "$reason"
    peer_state[$kind]="SKIPPED, $reason"
    skipped_peers+=("$kind")
  done
}
