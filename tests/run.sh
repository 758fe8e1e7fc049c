#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run.sh [TEST...]: builds and runs all tests on Debian 12, after installing what they need; or only the named ones, with
# g++ alone. The arguments are those of `meson test`. What was built stays in build/, for the next run.
# The last line counts each test case of the unit tests, and each of the other tests as one.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tests/packages.sh"
export PATH=/usr/bin:$PATH  # where the packages put their programs

passed=0
failed=0
failures=()
tally() {
  local status=$?
  if [[ $status -ne 0 && $failed -eq 0 ]]; then failed=1; fi
  if [[ ${#failures[@]} -gt 0 ]]; then printf 'FAILED: %s\n' "${failures[@]}"; fi
  echo "$passed passed, $failed failed"
  [[ $failed -eq 0 ]] || exit 1
}
trap tally EXIT

fail() {  # fail WHAT
  failures+=("$1")
  failed=$((failed + 1))
}

# What `meson test` wrote down, a JSON object a test, in one line: how many passed, how many failed, which.
summary() {  # summary LOG
  python3 - "$1" <<'PY'
import json, re, sys

passed, failed, names = 0, 0, []
for test in map(json.loads, open(sys.argv[1], encoding="utf-8")):
    ok = test["result"] == "OK"
    cases = re.search(r"test cases: +\d+ \| +(\d+) passed \| +(\d+) failed", test.get("stdout", ""))
    good, bad = map(int, cases.groups()) if cases else (int(ok), 0)
    passed += good
    failed += bad if ok else max(bad, 1)
    if not ok:
        names.append(test["name"])
print(passed, failed, ", ".join(names))
PY
}

run_tests() {  # [SANITIZE=...] [FLAGS=...] [MACHINE=...] run_tests DIRECTORY COMPILER [TEST...]
  local build=$root/build/$1 compiler=$2 status=0 good=0 bad=0 names=
  local log=$build/meson-logs/testlog.json
  echo "Testing with $compiler${SANITIZE:+, sanitized}${FLAGS:+, $FLAGS}"
  # Sanitized, g++ 12 warns of its own <regex>.
  local options=(-D werror=true)
  if [[ -n ${SANITIZE:-} ]]; then options=(-D b_sanitize="$SANITIZE" -D b_lundef=false); fi
  if [[ -n ${FLAGS:-} ]]; then options+=(-D cpp_args="$FLAGS"); fi
  if [[ -n ${MACHINE:-} ]]; then options+=(--cross-file "$root/tests/$MACHINE.ini"); fi
  local setup=(env CXX="$compiler" meson setup "${options[@]}" "$build" "$root")
  if ! "${setup[@]}" --reconfigure >/dev/null 2>&1; then
    rm -rf "$build"  # there is none yet, or of a tree that looked different
    quietly "${setup[@]}" || { fail "meson setup with $compiler"; return 0; }
  fi
  rm -f "$log"
  meson test -C "$build" --print-errorlogs "${@:3}" || status=$?
  if [[ -f $log ]]; then
    read -r good bad names < <(summary "$log")
    # The figures that the tests print.
    sed -nE '/^(include\/weft|sizeof|fuzz|differential|prefixes|model|pair|vectors|vulnerabilities|cuts|deflate|isa|kernels|mask|utf8|compile:|all +[0-9])/p' \
      "${log%.json}.txt"
  fi
  passed=$((passed + good))
  if [[ $bad -gt 0 ]]; then
    failed=$((failed + bad))
    failures+=("$names, built with $compiler")
  elif [[ $status -ne 0 || $good -eq 0 ]]; then
    fail "meson test with $compiler"
  fi
}

packages=(binutils chromium chromium-driver clang-14 clang-19 cmake doctest-dev g++ libclang-rt-14-dev libwebsocketpp-dev
  libdeflate-dev libwebsockets-dev libwslay-dev meson ninja-build pkgconf python3 python3-selenium python3-websockets zlib1g-dev)
if [[ ! -e /usr/include/boost/beast.hpp ]]; then packages+=(libboost-dev); fi  # any will do, and there can be only one
# Another processor, where this is not one already.
if [[ $(uname -m) != aarch64 ]]; then packages+=(g++-aarch64-linux-gnu qemu-user); fi
if ! getent hosts localhost >/dev/null; then packages+=(libnss-myhostname); fi  # chromedriver needs the name
install_packages "${packages[@]}"

if [[ $# -gt 0 ]]; then
  run_tests tests g++ "$@"
else
  run_tests tests g++ --no-suite widths
  run_tests tests-clang-19 clang++-19 unit
  run_tests tests-clang-14 clang++-14 unit
  FLAGS=-march=native run_tests tests-native g++ unit
  # The widths of vectors: that of 64 bytes, where the machine has it, is the one that `unit` takes.
  SANITIZE=address,undefined run_tests tests-sanitized g++ unit unit-32 unit-16 unit-0
  SANITIZE=address,undefined run_tests tests-sanitized-clang-14 clang++-14 --suite widths
  if [[ $(uname -m) != aarch64 ]]; then MACHINE=aarch64 run_tests tests-aarch64 aarch64-linux-gnu-g++ unit-64; fi
fi
