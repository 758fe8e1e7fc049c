#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# link.sh COMPILER: units that are compiled for different processors, in one program. Of an inline function that several
# units hold, the linker keeps one body, whichever comes first. So one with instructions that only some processors have
# must say so by its name: it lies in a namespace of such a processor, or is chosen at run time. No program is run that
# this machine could not run.
set -euo pipefail

compiler=${1:?usage: link.sh COMPILER}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

if [[ $(uname -m) != x86_64 ]]; then
  echo "skipped: this is not x86-64"
  exit 0
fi

# Without warnings: clang 19 has many of its own for -march=native.
build=("$compiler" -std=c++20 -O2 -w -I "$root/include")

passed=0
check() {  # check WHAT COMMAND...
  if "${@:2}" >output 2>&1; then
    echo "ok: $1"
    passed=$((passed + 1))
  else
    echo "FAILED: $1"
    head -50 output
    exit 1
  fi
}

# AVX and what came after it has mnemonics that begin with v, or these; SSSE3, SSE4 and SHA are what the kernels for 16
# bytes and a SHA-1 are chosen for. tzcnt is none of them: an older processor runs it as bsf, which will do. Names stay
# mangled, for what clang 19 calls a function is more than objdump can read.
says_what_it_needs() {  # says_what_it_needs PROGRAM [UNIT]: each function but UNIT's own, and some do need something
  objdump --disassemble --no-show-raw-insn "$1" | awk -v unit="<_Z[0-9]+${2:-none}[^0-9a-z_]" '
    /^[0-9a-f]+ <.*>:$/ {
      name = $0
      wide = /4(weft|tiny)[0-9]+for_(avx|sse4|ssse3|sse2[a-z])|4weft8for_sse26detail6simd(32|64)/ || $0 ~ unit
      chosen = wide || /4weft8for_sse26detail(6simd16|18sha1_of_60_by_four)/
      ++functions
      next
    }
    wide { ++wides; next }
    /\t(v[a-z]|andn|bextr|bls|bzhi|mulx|pdep|pext[ lq]|rorx|sarx|shlx|shrx|lzcnt|movbe|popcnt)|%[yz]mm/ ||
      (!chosen && /\t(pshufb|palignr|pabs|ptest|pblend|pmulhrsw|pmulld|pm(in|ax)(s[bd]|u[wd])|p(ext|ins)r[bdq]|sha)/) {
      print name
      print
      found = 1
    }
    END { print functions + 0 " functions, " wides + 0 " wide instructions"; exit found || !functions || !wides }'
}
names_in() {  # names_in OBJECT
  nm --defined-only "$1" | awk '{ print $NF }' | grep -E '4(tiny|weft)' | sort -u
}
share_no_name() {  # share_no_name OBJECT OBJECT: the linker has nothing to choose from
  names_in "$1" >names_1 && names_in "$2" >names_2 && ! comm -12 names_1 names_2 | grep .
}

codec=$root/tests/compile/codec.cpp
"${build[@]}" -DUNIT=first -c "$codec" -o first.o
"${build[@]}" -c "$root/tests/compile/program.cpp" -o program.o
check "for every x86-64: a unit says what it needs" says_what_it_needs first.o

runs_here() {  # runs_here FEATURE...: whether this machine has them all
  local feature
  for feature in "$@"; do grep -qw "$feature" /proc/cpuinfo || return 1; done
}
in_both_orders() {  # in_both_orders [COMMAND...]: links, and runs
  local program
  "${build[@]}" first.o second.o program.o -o first_first && "${build[@]}" second.o first.o program.o -o second_first &&
    for program in ./first_first ./second_first; do "$@" "$program" || return 1; done
}
while read -r flags; do
  read -ra options <<<"$flags"
  features=()
  if [[ $flags != -march=native ]]; then read -ra features <<<"${flags//-m/}"; fi
  check "$flags: compiles" "${build[@]}" "${options[@]}" -DUNIT=second -c "$codec" -o second.o
  if runs_here "${features[@]}"; then
    check "$flags: links with the other in both orders, and runs" in_both_orders
  else
    check "$flags: links with the other in both orders; not run here" in_both_orders true
  fi
  check "$flags: the units have no function in common" share_no_name first.o second.o
  for program in first_first second_first; do
    check "$flags: in $program each function says what it needs" says_what_it_needs "$program" second
  done
done <<'FLAGS'
-mpopcnt -msse4.2
-mavx
-mavx2
-mavx512f -mavx512bw
-march=native
FLAGS

# Processors of one generation that differ in more than vectors.
while read -r one other; do
  check "$one and $other: each compiles" eval '
    "${build[@]}" "-march=$one" -DUNIT=first -c "$codec" -o one.o && "${build[@]}" "-march=$other" -DUNIT=second -c "$codec" -o other.o'
  check "$one and $other: the units have no function in common" share_no_name one.o other.o
done <<'PROCESSORS'
sandybridge bdver2
bdver2 btver2
nehalem core2
knl skylake-avx512
PROCESSORS

# The control: a header with such a namespace, and without.
cat >tiny.hpp <<'CPP'
#pragma once
#include <weft/detail/isa.hpp>
namespace tiny
#ifdef APART
    ::inline WEFT_ISA
#endif
{
struct alignas(32) block { int data[8]; };
using vector [[gnu::vector_size(32)]] = int;
[[gnu::noinline]] inline void add(block& to, const block& from) {
  *reinterpret_cast<vector*>(&to) += *reinterpret_cast<const vector*>(&from);
}
}
CPP
cat >tiny.cpp <<'CPP'
#include "tiny.hpp"
void UNIT(int* to, const int* from) { tiny::add(*reinterpret_cast<tiny::block*>(to), *reinterpret_cast<const tiny::block*>(from)); }
CPP
echo 'void first(int*, const int*), second(int*, const int*); int main() { first(nullptr, nullptr), second(nullptr, nullptr); }' >tiny_main.cpp
tiny() {  # tiny [OPTION...]
  "${build[@]}" "$@" -DUNIT=first -c tiny.cpp -o tiny_1.o && "${build[@]}" "$@" -mavx2 -DUNIT=second -c tiny.cpp -o tiny_2.o &&
    "${build[@]}" tiny_2.o tiny_1.o tiny_main.cpp -o tiny_program
}
check "control: with namespaces: compiles" tiny -DAPART
check "control: with namespaces: no function in common" share_no_name tiny_1.o tiny_2.o
check "control: with namespaces: each function says what it needs" says_what_it_needs tiny_program second
check "control: without: compiles" tiny
check "control: without: a function in common" eval '! share_no_name tiny_1.o tiny_2.o'
check "control: without: a function that does not say what it needs" eval '! says_what_it_needs tiny_program second'

echo "$passed checks passed"
