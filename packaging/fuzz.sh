#!/usr/bin/env bash
# Runs every fuzz target for a while with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, and writes
# what came of it into tests/fuzz/runs.md.
#
#   packaging/fuzz.sh                          # 600 seconds a target, two targets at a time
#   packaging/fuzz.sh -s 20 fuzz_rlp fuzz_json # 20 seconds, these two
#   packaging/fuzz.sh -k                       # and keep what was found: adds to tests/fuzz/corpus
#
# JOBS (default 2) is how many run at a time. Inputs that end a target are kept in build/fuzz/run/TARGET/; the
# script then fails. With -k the corpus of each target grows to at most 200 inputs of at most 4 KiB.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/dependencies.sh

readonly max_corpus_files=200 max_corpus_bytes=4096
readonly build=build/fuzz
readonly runs=tests/fuzz/runs.md
seconds=600
keep=no
jobs=${JOBS:-2}

while getopts s:k option; do
  case $option in
    s) seconds=$OPTARG ;;
    k) keep=yes ;;
    *) die "usage: packaging/fuzz.sh [-s SECONDS] [-k] [TARGET...]" ;;
  esac
done
shift $((OPTIND - 1))
# One input may take this long, in seconds of the clock: 25 of the processor's when the targets share it.
readonly input_limit=$((25 * (jobs > $(nproc) ? jobs / $(nproc) + 1 : 1)))

all_targets() {
  local source
  for source in tests/fuzz/*/fuzz_*.cpp; do
    basename "$source" .cpp
  done | sort
}

# Runs one target; leaves its table row in build/fuzz/run/TARGET/row.
run_target() { # TARGET
  local target=$1 folder=$build/run/$1 result=clean
  rm -rf "$folder"
  mkdir -p "$folder/corpus"
  if ! "$build/tests/$target" -max_total_time="$seconds" -timeout="$input_limit" -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$folder/" "$folder/corpus" "tests/fuzz/corpus/$target" >"$folder/log" 2>&1; then
    result=FAILED
  fi
  local executions coverage
  executions=$(awk '/^stat::number_of_executed_units:/ {print $2}' "$folder/log")
  coverage=$(grep -oE 'cov: [0-9]+ ft: [0-9]+' "$folder/log" | tail -n 1 || true)
  read -r _ cov _ ft <<<"${coverage:-cov: 0 ft: 0}"
  printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$target" "$(date -u +%Y-%m-%d)" "$seconds" \
    "${executions:-0}" "$cov" "$ft" "$result" >"$folder/row"
  printf '%s: %s, %s executions, cov %s, ft %s\n' "$target" "$result" "${executions:-0}" "$cov" "$ft"
  [ "$result" = clean ]
}

# Adds to a target's corpus the smallest set of found inputs that covers more, up to the bounds.
keep_corpus() { # TARGET
  local target=$1 folder=$build/run/$1 corpus=tests/fuzz/corpus/$1 file
  local count
  rm -rf "$folder/merged"
  mkdir -p "$folder/merged"
  cp "$corpus"/* "$folder/merged/"
  "$build/tests/$target" -merge=1 -max_len="$max_corpus_bytes" "$folder/merged" "$folder/corpus" >"$folder/merge.log" 2>&1
  count=$(find "$corpus" -type f | wc -l)
  # Smallest first; named by their hash, as libFuzzer does.
  while read -r file && [ "$count" -lt "$max_corpus_files" ]; do
    if [ ! -e "$corpus/$file" ]; then
      cp "$folder/merged/$file" "$corpus/"
      count=$((count + 1))
    fi
  done < <(find "$folder/merged" -type f -size -"$((max_corpus_bytes + 1))"c -printf '%s %f\n' | sort -n | cut -d' ' -f2)
}

# Puts the new rows in the place of the old ones of the same targets.
write_runs() { # TARGET...
  local target rows
  rows=$({
    if [ -f "$runs" ]; then
      grep -E '^\| fuzz_' "$runs" | grep -vE "^\| ($(IFS='|'; printf '%s' "$*")) \|" || true
    fi
    for target in "$@"; do cat "$build/run/$target/row"; done
  } | sort)
  {
    printf '# Fuzzing runs\n\n'
    printf 'The last run of each target by `packaging/fuzz.sh`: libFuzzer of clang 19 with AddressSanitizer and\n'
    printf 'UndefinedBehaviorSanitizer, starting from `tests/fuzz/corpus/`. `cov` counts covered code edges, `ft`\n'
    printf 'features (edges with how often they were taken).\n\n'
    printf '| target | day | seconds | executions | cov | ft | result |\n'
    printf '|---|---|---:|---:|---:|---:|---|\n'
    printf '%s\n' "$rows"
  } >"$runs.new"
  mv "$runs.new" "$runs"
}

targets=("$@")
[ "${#targets[@]}" -gt 0 ] || mapfile -t targets < <(all_targets)
for target in "${targets[@]}"; do
  compgen -G "tests/fuzz/*/$target.cpp" >/dev/null || die "there is no fuzz target $target"
done

ensure_packages "${build_packages[@]}" "${test_packages[@]}"
say "Building ${#targets[@]} fuzz targets"
cmake --preset fuzz >/dev/null
cmake --build "$build" --target "${targets[@]}"

say "Running each for $seconds s, $jobs at a time"
failed=0
running=0
for target in "${targets[@]}"; do
  if [ "$running" -ge "$jobs" ]; then
    wait -n || failed=$((failed + 1))
    running=$((running - 1))
  fi
  run_target "$target" &
  running=$((running + 1))
done
for ((; running > 0; running--)); do
  wait -n || failed=$((failed + 1))
done

write_runs "${targets[@]}"
if [ "$keep" = yes ]; then
  say "Keeping what covers more"
  for target in "${targets[@]}"; do keep_corpus "$target"; done
fi
say "The table is in $runs"
[ "$failed" -eq 0 ] || die "$failed of ${#targets[@]} targets failed: see $build/run/"
