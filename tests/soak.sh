#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# soak.sh [FRAMES]: a long life with permessage-deflate and context takeover, a server's and a client's side by side:
# 100 million frames in all, or so many. What arrives is compared on both sides, and memory stays as it is: soak.cpp. A
# side that is not at its end after many times what it should take has failed. The last line counts the sides.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tests/suite.sh"

frames=${1:-100000000}
[[ $# -le 1 && $frames =~ ^[1-9][0-9]*$ ]] || { echo "usage: tests/soak.sh [FRAMES]" >&2; exit 2; }
work=$root/build/soak
seconds=$((60 + frames / 50000))
declare -A pids=()
trap 'status=$?; kill "${pids[@]}" 2>/dev/null || true; tally "$status"' EXIT
mkdir -p "$work"

install_packages doctest-dev g++ zlib1g-dev
g++ -std=c++20 -O2 -I "$root/include" -I "$root/tests" "$root/tests/soak.cpp" -o "$work/soak" -lz
for side in server client; do
  timeout "$seconds" "$work/soak" "$side" $(((frames + 1) / 2)) &
  pids[$side]=$!
done
for side in "${!pids[@]}"; do
  status=0
  wait "${pids[$side]}" || status=$?
  case $status in
    0) passed=$((passed + 1)) ;;
    124) fail "soak $side: HANGS: not at its end after $seconds seconds" ;;
    *) fail "soak $side: ended with status $status" ;;
  esac
done
