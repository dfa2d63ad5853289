#!/usr/bin/env bash
# Runs the README's two commands, quickstart.sh and test.sh, in fresh minimal chroots with nothing but a clone:
# Debian 12 and 13, or the releases that are named.
#
#   sudo packaging/chroot.sh                 # bookworm and trixie
#   sudo packaging/chroot.sh trixie          # one of them
#
# Packages come from the mirror that this machine's apt uses. CHROOT_DIR (default: a temporary folder) is where
# the chroots are made; they are removed at the end. Needs root and debootstrap; uses about 4 GB at a time.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/dependencies.sh

[ "$(id -u)" -eq 0 ] || die "chroot.sh needs root"
ensure_packages debootstrap git

base=${CHROOT_DIR:-$(mktemp -d /var/tmp/preconfd-chroot.XXXXXX)}
mkdir -p "$base"
mounted=()
root=

clean_up() {
  local at
  for at in "${mounted[@]}"; do
    umount "$at" 2>/dev/null || umount -l "$at"
  done
  mounted=()
  if [ -n "$root" ]; then
    rm -rf --one-file-system "$root"
  fi
}
trap clean_up EXIT

# The first http mirror of this machine's apt that carries the main archive.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
  grep -E '/debian/?$' | head -n 1 || true)
[ -n "$mirror" ] || die "apt names no Debian mirror: run apt-get update first"

mount_into() { # TYPE FOLDER
  mkdir -p "$root/$2"
  mount -t "$1" "$1" "$root/$2"
  mounted=("$root/$2" "${mounted[@]}")
}

make_chroot() { # RELEASE
  root=$base/$1
  say "$1: making a minimal chroot with debootstrap"
  debootstrap --variant=minbase "$1" "$root" "$mirror" >"$base/$1-debootstrap.log"
  # How this machine's apt reaches the network is this machine's affair: take over proxies, nothing else.
  apt-config dump | grep -E '^Acquire::(http|https|ftp)::Proxy' >"$root/etc/apt/apt.conf.d/90proxy" || true
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  mount_into proc proc
  mount_into tmpfs dev/shm
  git clone -q . "$root/preconfd"
}

run_inside() { # RELEASE COMMAND...
  local release=$1
  shift
  say "$release: $*"
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    ${JOBS:+JOBS="$JOBS"} chroot "$root" bash -c 'cd /preconfd && exec "$@"' bash "$@"
}

releases=("$@")
[ "${#releases[@]}" -gt 0 ] || releases=(bookworm trixie)
for release in "${releases[@]}"; do
  make_chroot "$release"
  run_inside "$release" packaging/quickstart.sh
  run_inside "$release" packaging/test.sh
  clean_up
  root=
  say "$release: passed"
done
