#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# coverage.sh: what of include/weft the unit tests reach, by clang 19: lines, branches, and conditions that decide by
# themselves (MC/DC). The whole report stays in build/coverage; each line and branch that is not reached is told there.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tests/packages.sh"
install_packages clang-19 doctest-dev libclang-rt-19-dev libdeflate-dev llvm-19 meson ninja-build pkgconf zlib1g-dev

build=$root/build/coverage
flags='-fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc'
if [[ ! -e $build/build.ninja ]]; then
  quietly env CXX=clang++-19 meson setup -D cpp_args="$flags" -D cpp_link_args=-fprofile-instr-generate "$build" "$root"
fi
quietly meson compile -C "$build" unit
(cd "$build" && LLVM_PROFILE_FILE=$build/unit.profraw quietly tests/unit)
llvm-profdata-19 merge -sparse "$build/unit.profraw" -o "$build/unit.profdata"
cov() {  # cov COMMAND...: of llvm-cov, of the headers alone
  llvm-cov-19 "$@" -instr-profile="$build/unit.profdata" "$build/tests/unit" -sources "$root/include/weft"
}
cov show -format=html -show-branches=count -show-mcdc -output-dir="$build/report" >/dev/null
cov report -show-mcdc-summary >"$build/report.txt"
awk -v root="$root/include/weft/" '/^-/ { next } NR == 1 || NF < 10 { next } { sub(root, "") } { print }' "$build/report.txt"
