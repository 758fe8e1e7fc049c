#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# planted.sh [SECONDS [CHANCE]]: would the fuzzers find it? Plants bugs, one after the other, in a copy of the headers under
# build/, and says after how many seconds and executions each was found, 60 seconds at most, from those seeds that do not
# show it by themselves, and without the dictionary, which might name it. CHANCE is libFuzzer's seed, 1 if none is given.
# Without the bug all seeds must pass. The last line counts them.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/fuzz/targets.sh"

seconds=${1:-60} chance=${2:-1}
[[ $# -le 2 && $seconds =~ ^[1-9][0-9]*$ && $chance =~ ^[1-9][0-9]*$ ]] || { echo "usage: fuzz/planted.sh [SECONDS [CHANCE]]" >&2; exit 2; }
work=$root/build/planted
source "$root/tests/suite.sh"
trap 'status=$?; rm -rf "$work"; tally "$status"' EXIT

choose_targets server_frames mask utf8 calls inflate
install_packages clang-19 libclang-rt-19-dev g++ "${packages[@]}"

plant() {  # plant TARGET FILE FROM TO WHAT
  local target=$1 file=$2 from=$3 to=$4 what=$5 status=0 shown=0 began seed reason
  rm -rf "$work"
  mkdir -p "$work/seeds" "$work/corpus"
  cp -r "$root/include" "$work/include"
  build_target "$target" "$work/fuzzer" build/planted/include && "$work/fuzzer" "$(seeds_of "$target")"/* >"$work/log" 2>&1 ||
    { fail "$target: its seeds do not pass as it is: $(tail -n 1 "$work/log")"; return; }
  local text
  text=$(<"$work/include/weft/$file")
  [[ $text == *"$from"* ]] || { fail "$what: $file has no longer \"$from\""; return; }
  printf '%s\n' "${text/"$from"/"$to"}" >"$work/include/weft/$file"
  build_target "$target" "$work/fuzzer" build/planted/include || { fail "$what does not compile"; return; }

  for seed in "$(seeds_of "$target")"/*; do
    if { "$work/fuzzer" -timeout=10 "$seed"; } >/dev/null 2>&1; then cp "$seed" "$work/seeds"; else shown=$((shown + 1)); fi
  done
  began=$(date +%s%N)
  "$work/fuzzer" -max_total_time="$seconds" -timeout=10 -max_len=4096 -print_final_stats=1 \
    -seed="$chance" -artifact_prefix="$work/" "$work/corpus" "$work/seeds" >"$work/log" 2>&1 || status=$?
  local took=$((($(date +%s%N) - began) / 1000000))
  local executions
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log")
  reason=$(grep -aE -m 1 'DIFFERENT|forbidden|runtime error|ERROR: AddressSanitizer' "$work/log" | cut -c 1-200 || true)
  if [[ $status -ne 0 && -n $reason ]] && grep -qa 'Test unit written' "$work/log"; then
    passed=$((passed + 1))
    printf '%-14s found after %d.%03d s, %s executions (%d seeds left out): %s\n  %s\n' "$target" $((took / 1000)) \
      $((took % 1000)) "${executions:-?}" "$shown" "$what" "$reason"
  elif [[ $status -ne 0 ]]; then
    fail "$target: ended by something else: $(tail -n 1 "$work/log")"
  else
    fail "$target: not found in $seconds s and ${executions:-?} executions ($shown seeds left out): $what"
  fi
}

plant server_frames frame/header.hpp '(length_size == 2 ? 126U : 1U)' '(length_size == 2 ? 125U : 1U)' \
  'header: a length of 125 in two bytes passes'
plant mask detail/kernel.inl 'load(from + size - width) ^ repeated(key, size)' 'load(from + size - width) ^ repeated(key, 0)' \
  'mask: the last vector of a long payload has the key of the first'
plant utf8 detail/kernels.hpp '{0x8000, 0xFFF0, 0x0E00}' '{0x8000, 0xFFF0, 0x0C00}' \
  'UTF-8: F4 90, which is above U+10FFFF, passes the vectors'
plant calls connection/sender.hpp '(state_ == state::close_received && sending())' '(state_ == state::close_received || sending())' \
  'lifecycle: a message that was begun goes on behind our own Close'
plant inflate deflate/zlib.hpp 'if (last_byte_ >> (8 - unused_bits()) != 0) return false;' '' \
  'inflate: bits behind a final block may be anything'
