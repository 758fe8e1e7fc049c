#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run.sh SECONDS [TARGET...]: builds all fuzz targets, or the named ones, with libFuzzer and sanitizers on Debian 12, after
# installing what they need, and runs each so many seconds, two at a time. Corpora grow in build/fuzz/TARGET/corpus, what
# was found lies beside them, and figures are added to build/fuzz/record.tsv. The last line counts the targets.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/fuzz/targets.sh"

[[ ${1:-} =~ ^[1-9][0-9]*$ ]] || { echo "usage: fuzz/run.sh SECONDS [TARGET...]" >&2; exit 2; }
seconds=$1
shift
choose_targets "$@"

source "$root/tests/suite.sh"
install_packages clang-19 libclang-rt-19-dev llvm-19 g++ "${packages[@]}"

# Fuzzes for so many seconds; what it says goes to a log.
fuzz() {  # fuzz TARGET
  local target=$1 work=$root/build/fuzz/$1
  mkdir -p "$work/corpus" "$work/found"
  local TIMEFORMAT='%0U %0S'
  {
    time "$work/fuzzer" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=3000 -max_len=4096 -print_final_stats=1 \
      -dict="$root/fuzz/websocket.dict" -artifact_prefix="$work/found/" "$work/corpus" "$(seeds_of "$target")" >"$work/log" 2>&1
  } 2>"$work/cpu"
}

# One line for a target, and a row for the record.
report() {  # report TARGET STATUS
  local target=$1 status=$2 work=$root/build/fuzz/$1 last executions rate coverage features size found user system
  read -r user system < <(tail -n 1 "$work/cpu") || true  # a fuzzer that was killed has a line of bash's above
  last=$(grep -a ' cov: ' "$work/log" | tail -n 1 || true)
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log")
  rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$work/log")
  coverage=$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' <<<"$last")
  features=$(sed -n 's/.* ft: \([0-9]*\).*/\1/p' <<<"$last")
  size=$(find "$work/corpus" -type f | wc -l)
  found=$(sed -n 's/.*Test unit written to //p' "$work/log" | tail -n 1)
  if [[ $status -eq 0 ]]; then
    passed=$((passed + 1))
    found=none
  else
    fail "$target: $(grep -aE -m 1 'DIFFERENT|forbidden|runtime error|ERROR: ' "$work/log" || echo "exit status $status"), ${found:-no input}"
    found=${found:-"exit status $status"}
  fi
  local record=$root/build/fuzz/record.tsv cpu=$((${user:-0} + ${system:-0})) total
  [[ -e $record ]] || printf 'date\ttarget\tseconds\tcpu\texecutions\tper_second\tcov\tft\tcorpus\tfound\n' >"$record"
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$(date --utc +%FT%TZ)" "$target" "$seconds" "$cpu" "${executions:--}" \
    "${rate:--}" "${coverage:--}" "${features:--}" "$size" "$found" >>"$record"
  total=$(awk -F'\t' -v target="$target" '$2 == target { sum += $4 } END { print sum }' "$record")
  printf '%-26s %10s executions %7s/s  cpu %5s s, in all %5s s  cov %5s  ft %6s  corpus %5s  found %s\n' \
    "$target" "${executions:--}" "${rate:--}" "$cpu" "$total" "${coverage:--}" "${features:--}" "$size" "$found"
  grep -a '^differential: ' "$work/log" | sed 's/^/  /' || true
}

for target in "${targets[@]}"; do
  mkdir -p "$root/build/fuzz/$target"
  fuzzer=$root/build/fuzz/$target/fuzzer
  newer=$([[ ! -x $fuzzer ]] || find "$root"/{include,fuzz/{*.*pp,targets.sh,ignore.txt},tests/support} -type f -newer "$fuzzer" -print -quit)
  if [[ -x $fuzzer && -z $newer ]]; then continue; fi
  build_target "$target" "$fuzzer" || fail "$target does not compile"
done
[[ $failed -eq 0 ]] || exit 1

# Two at a time: each waits for the one before the last. None goes on when this ends.
set -m
trap 'status=$?; for pid in $(jobs -p); do kill -- "-$pid" 2>/dev/null || true; done; tally "$status"' EXIT
pids=()
finish() {  # finish NUMBER
  local status=0
  wait "${pids[$1]}" || status=$?
  report "${targets[$1]}" "$status"
}
for i in "${!targets[@]}"; do
  if [[ $i -ge 2 ]]; then finish $((i - 2)); fi
  fuzz "${targets[i]}" &
  pids+=($!)
done
for ((i = ${#targets[@]} > 2 ? ${#targets[@]} - 2 : 0; i < ${#targets[@]}; ++i)); do finish "$i"; done
