#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run.sh [TEST...]: builds and runs all tests on Debian 12, after installing what they need; or only the named ones, with
# g++ alone. What begins with - is an option of `meson test`, such as --verbose. What was built stays in build/, for the next run.
# The last line counts each test case of the unit tests, and each of the other tests as one.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tests/suite.sh"

run_tests() {  # [SANITIZE=...] [FLAGS=...] run_tests DIRECTORY COMPILER [TEST...]
  local build=$root/build/$1 compiler=$2 good options=() flags=${FLAGS:-}
  local log=$build/meson-logs/testlog.txt
  echo "Testing with $compiler${SANITIZE:+, sanitized}${FLAGS:+, $FLAGS}"
  if [[ -n ${SANITIZE:-} ]]; then
    local work=$root/build name="$compiler, sanitized"
    mkdir -p "$work"
    flags+=" -fsanitize=$SANITIZE -fno-sanitize-recover=all -fno-omit-frame-pointer"
    sees 'volatile int large = 0x7FFFFFFF; large = large + count; return 0;' 'integer overflow' "$compiler" $flags
    options=(-D cpp_link_args="$flags" -D b_lundef=false)
    if [[ $compiler == g++ ]]; then flags+=' -Wno-maybe-uninitialized'; fi  # which it finds in its own <regex>
  fi
  if [[ -n $flags ]]; then options+=(-D cpp_args="$flags"); fi
  set_up "$build" "$compiler" ${options[@]+"${options[@]}"} || { fail "meson setup with $compiler"; return 0; }
  run_meson "$build" "$compiler" "${@:3}"
  # The figures that the tests print.
  [[ ! -f $log ]] || sed -nE '/^(include\/weft|sizeof|examined|fuzz|differential|prefixes|model|pair|transcript|vectors|vulnerabilities|cuts|deflate|isa|kernels|mask|utf8|compile:|all +[0-9])/p' "$log"
}

run_script() {  # [TESTS=...] run_script SCRIPT [ARGUMENT...]: another, whose last line counts
  local output=$root/build/${1//\//-}.txt status=0 good bad
  mkdir -p "$root/build"
  "$root/$1" "${@:2}" | tee "$output" || status=$?
  read -r good bad < <(sed -nE '$s/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$output") || { good=0; bad=1; }
  if [[ $status -ne 0 && $bad -eq 0 ]]; then bad=1; fi
  passed=$((passed + good))
  failed=$((failed + bad))
  if [[ $bad -gt 0 ]]; then failures+=("$*"); fi
}

packages=(binutils chromium chromium-driver clang-14 clang-19 cmake doctest-dev g++ libclang-rt-14-dev libclang-rt-19-dev
  libdeflate-dev libwebsocketpp-dev libwebsockets-dev libwslay-dev llvm-19 meson ninja-build pkgconf python3 python3-selenium
  python3-websockets zlib1g-dev)
if [[ ! -e /usr/include/boost/beast.hpp ]]; then packages+=(libboost-dev); fi  # any will do, and there can be only one
if ! getent hosts localhost >/dev/null; then packages+=(libnss-myhostname); fi  # chromedriver needs the name
install_packages "${packages[@]}"

if [[ $# -gt 0 ]]; then
  run_tests tests g++ "$@"
else
  run_tests tests g++ --no-suite=widths
  if [[ $(uname -m) == x86_64 ]]; then run_script tests/coverage.sh; else run_tests tests-clang-19 clang++-19 unit; fi
  run_tests tests-clang-14 clang++-14 unit examined
  FLAGS=-march=native run_tests tests-native g++ unit
  # The widths of vectors: that of 64 bytes, where the machine has it, is the one that `unit` takes.
  SANITIZE=address,undefined run_tests tests-sanitized g++ unit unit-32 unit-16 unit-0
  SANITIZE=address,undefined run_tests tests-sanitized-clang-14 clang++-14 --suite=widths
  run_script fuzz/run.sh 5 server_frames uri  # whether it can be run
  # All tests on all platforms take too long for every run.
  TESTS=unit-64 run_script tests/platforms.sh aarch64
  run_script tests/platforms.sh windows
  TESTS= run_script tests/platforms.sh unsigned-char libc++ i386 s390x wasm bare-arm
fi
