#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# exhaustive.sh: what is tried in full and takes too long for every run. The last line counts what it found.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tests/packages.sh"
export PATH=/usr/bin:$PATH  # where the packages put their programs

work=$(mktemp -d)
tally() {
  local status=$? passed failed
  passed=$(grep -c '^ok: ' "$work/output" || true)
  failed=$(grep -c '^FAILED: ' "$work/output" || true)
  if [[ $status -ne 0 && ${failed:-0} -eq 0 ]]; then failed=1; fi
  rm -rf "$work"
  echo "${passed:-0} passed, ${failed:-0} failed"
  [[ ${failed:-0} -eq 0 ]] || exit 1
}
trap tally EXIT
touch "$work/output"

install_packages g++
g++ -std=c++20 -O2 -I "$root/include" "$root/tests/exhaustive_utf8.cpp" -o "$work/utf8"
"$work/utf8" | tee "$work/output"
