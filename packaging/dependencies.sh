# Sourced by quickstart.sh and test.sh: what a fresh Debian 12 or 13 needs to build preconfd, and how to get it.
# Prints what is installed; installs nothing that is there already.

# The compiler, the build system and the libraries that the program links.
build_packages=(
  cmake g++ ninja-build pkg-config
  libcli11-dev libevent-dev libfmt-dev libjansson-dev libmicrohttpd-dev libsecp256k1-dev libsodium-dev
  libspdlog-dev libssl-dev prometheus-cpp-dev zlib1g-dev
)
# What the test suite needs on top: GoogleTest, clang with its sanitizers and libFuzzer, procps for
# looking at the process from outside, and python3 for the tests of what computes the races' figures.
test_packages=(libgtest-dev clang-19 libclang-rt-19-dev procps python3)

say() {
  printf '==> %s\n' "$*"
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a command as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "installing packages needs root: run this as root, or install sudo"
  fi
}

# ensure_packages PACKAGE...: installs those that are missing.
ensure_packages() {
  command -v dpkg-query >/dev/null || die "this is not a Debian system: see README.md for what to install by hand"
  local package missing=()
  for package in "$@"; do
    if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
      missing+=("$package")
    fi
  done
  if [ "${#missing[@]}" -eq 0 ]; then
    say "Build dependencies: all installed"
    return
  fi
  say "Installing with apt-get: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" >/dev/null
}
