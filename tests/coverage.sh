#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# coverage.sh: runs the unit tests with clang-19's instruments, and names what they leave out of include/weft: lines,
# branches, conditions of MC/DC; and of each header the lines that the test file of its name leaves out. On x86-64.
# The last line counts each test case, and the coverage as one.
set -euo pipefail

if [[ $# -gt 0 || $(uname -m) != x86_64 ]]; then
  echo "coverage.sh: takes no arguments, and runs on x86-64" >&2
  exit 1
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tests/suite.sh"
work=$(mktemp -d)
trap 'status=$?; rm -rf "$work"; tally "$status"' EXIT

install_packages clang-19 doctest-dev libclang-rt-19-dev libdeflate-dev llvm-19 meson ninja-build pkgconf python3 \
  qemu-user zlib1g-dev

build=$root/build/coverage
export LLVM_PROFILE_FILE=/dev/null  # of what meson runs to see whether it can
instruments='-fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc'
set_up "$build" clang++-19 -D cpp_args="$instruments" -D cpp_link_args=-fprofile-instr-generate
quietly ninja -C "$build" tests/unit
without_vectors=$work/without_vectors
quietly clang++-19 -std=c++20 -O1 $instruments -D WEFT_WIDEST_VECTOR=0 -I "$root/include" -I "$root/tests" \
  "$root"/tests/{detail/small,support/allocation,support/main}.cpp -o "$without_vectors"

run() {  # run FILE HOW PROGRAM [OPTION...]: its test cases, on the processor that HOW names
  local log=$work/log status=0 good bad command=("${@:3}")
  if [[ $2 != native ]]; then command=(qemu-x86_64 -cpu "$2" "${command[@]}"); fi
  LLVM_PROFILE_FILE=$work/profiles/${3##*/}/$1.$2.profraw \
    timeout 480 "${command[@]}" --source-file="*tests/$1" >"$log" 2>&1 || status=$?
  read -r good bad < <(sed -nE 's/.*test cases:.* ([0-9]+) passed \| +([0-9]+) failed.*/\1 \2/p' "$log") || bad=1
  if [[ $bad -eq 0 && ($status -ne 0 || ${good:-0} -eq 0) ]]; then bad=1; fi
  passed=$((passed + ${good:-0}))
  failed=$((failed + bad))
  if [[ $bad -ne 0 ]]; then tail -n 40 "$log"; fi
}

for file in $(cd "$root/tests" && grep --recursive --files-with-matches '^TEST_CASE' --include=*.cpp | sort); do
  run "$file" native "$build/tests/unit"
done
run detail/small.cpp native "$without_vectors"
# Processors with AVX2, with SSSE3, and with neither, none with instructions for SHA-1; /proc/cpuinfo is not theirs.
for processor in Haswell Nehalem qemu64; do
  for file in detail/{isa,kernels,text}.cpp frame/mask.cpp handshake/accept_key.cpp; do
    run "$file" "$processor" "$build/tests/unit" --test-case-exclude='*that its system says it has,*each kernel*'
  done
done

show() {  # show OUTPUT TESTS SOURCE...: what these tests, a pattern, run of the sources, in either program
  local program profiles
  mkdir -p "$(dirname "$1")"
  for program in "$build/tests/unit" "$without_vectors"; do
    mapfile -t profiles < <(compgen -G "$work/profiles/${program##*/}/$2.*.profraw")
    if [[ ${#profiles[@]} -eq 0 ]]; then continue; fi
    llvm-profdata-19 merge -sparse "${profiles[@]}" -o "$work/merged"
    llvm-cov-19 show "$program" -instr-profile="$work/merged" --show-branches=count --show-mcdc --show-instantiations \
      -sources "${@:3}"
  done >"$1"
}

shopt -s globstar
show "$work/all.txt" '**/*' "$root/include/weft"
for header in $(cd "$root/include/weft" && find . -name '*.hpp' -printf '%P\n'); do
  file=${header%.hpp}.cpp
  if [[ ! -e $root/tests/$file ]]; then continue; fi
  mapfile -t parts < <(sed -nE "s,^#include <(weft/.*\.inl)>,$root/include/\1,p" "$root/include/weft/$header" | sort -u)
  show "$work/own/$header.txt" "$file" "$root/include/weft/$header" "${parts[@]}"
done

# What is compiled here, whether or not it is ever instantiated.
for widest in 64 0; do
  for header in weft deflate/zlib deflate/libdeflate; do
    clang++-19 -std=c++20 -E -D WEFT_WIDEST_VECTOR=$widest -I "$root/include" "$root/include/weft/$header.hpp"
  done
done >"$work/compiled.txt"

if python3 "$root/tests/coverage.py" "$root/include/weft" "$work"; then
  passed=$((passed + 1))
else
  failed=$((failed + 1))
fi
