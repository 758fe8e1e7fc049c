#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# afl.sh SECONDS TARGET: fuzzes a target by AFL++ in persistent mode, from the same seeds, on Debian 12, after installing
# what that needs. What it finds lies in build/afl/TARGET/default/crashes and hangs, where the next run wants nothing. Its
# queue may be copied into build/fuzz/TARGET/corpus.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tests/packages.sh"
source "$root/fuzz/targets.sh"
export PATH=/usr/bin:$PATH  # where the packages put their programs

[[ $# -eq 2 && $1 =~ ^[1-9][0-9]*$ ]] || { echo "usage: fuzz/afl.sh SECONDS TARGET" >&2; exit 2; }
seconds=$1 target=$2
choose_targets "$target"
work=$root/build/afl/$target
found() { find "$work"/default/{crashes,hangs} -name 'id*' 2>/dev/null; }
[[ -z $(found) ]] || { echo "An earlier run has found something: look at $work/default, and remove it" >&2; exit 1; }
install_packages afl++ g++ "${packages[@]}"

mkdir -p "$work"
rm -rf "$work/default"
libraries=$(libraries_of "$target")
# operator new says where it may not be called; what steps out of its memory meets a page that is not mapped.
AFL_QUIET=1 afl-clang-fast++ -std=c++20 -O2 -g -I"$root/include" -I"$root" -I"$root/tests" -DFUZZ_TARGET="$target" \
  "$root/fuzz/replay.cpp" "$root/tests/support/allocation.cpp" -o "$work/replay" ${libraries:+"$libraries"}

export AFL_NO_UI=1 AFL_QUIET=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
status=0
afl-fuzz -V "$seconds" -t 2000+ -x "$root/fuzz/websocket.dict" -i "$(seeds_of "$target")" -o "$work" -- "$work/replay" \
  >"$work/log" 2>&1 || status=$?
stats=$work/default/fuzzer_stats
[[ $status -eq 0 && -e $stats ]] || { echo "afl-fuzz failed: $(grep -aE 'PROGRAM ABORT|ERROR' "$work/log" | head -n 1), see $work/log" >&2; exit 1; }

value() { sed -n "s/^$1 *: *//p" "$stats"; }
printf '%-26s %10s executions %7s/s  edges %5s  corpus %5s  crashes %s  hangs %s\n' "$target" "$(value execs_done)" \
  "$(value execs_per_sec)" "$(value edges_found)" "$(value corpus_count)" "$(value saved_crashes)" "$(value saved_hangs)"
if [[ -n $(found) ]]; then
  found | sed 's/^/FAILED: /'
  exit 1
fi
