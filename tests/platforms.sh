#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# [TESTS=...] platforms.sh [PLATFORM...]: the unit tests on all platforms, or on the named ones, and whether weft tells
# there what it tells on this machine: transcript.cpp makes one number of it. TESTS names others than `unit`; empty, only
# transcripts are compared. A table tells what was found; the last line counts each test case, and each transcript as one.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tests/suite.sh"
build=$root/build/platforms

# A name; the compiler; Debian's packages for it; options of meson. Where platforms/ has a file of the name, that says how
# to build for such a machine, and how to run what was built.
platforms="
native        | g++                           |                                                      |
no-vectors    | g++                           |                                                      | -D cpp_args=-DWEFT_WIDEST_VECTOR=0
sse2          | g++                           | qemu-user                                            |
ssse3         | g++                           |                                                      | -D cpp_args=-DWEFT_WIDEST_VECTOR=16
avx2          | g++                           |                                                      | -D cpp_args=-DWEFT_WIDEST_VECTOR=32
avx512        | g++                           |                                                      | -D cpp_args=-DWEFT_WIDEST_VECTOR=64
unsigned-char | g++                           |                                                      | -D cpp_args=-funsigned-char
c++23         | g++                           |                                                      | -D cpp_std=none -D cpp_args=-std=c++23
c++26         | clang++-19                    | clang-19                                             | -D cpp_std=none -D cpp_args=-std=c++2c
libc++        | clang++-19                    | clang-19 libc++-19-dev libc++abi-19-dev              | -D cpp_link_args=-stdlib=libc++ -D cpp_args=['-stdlib=libc++','-D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_DEBUG']
i386          | i686-linux-gnu-g++            | g++-i686-linux-gnu qemu-user                         |
aarch64       | aarch64-linux-gnu-g++         | g++-aarch64-linux-gnu qemu-user                      |
armv7         | arm-linux-gnueabihf-g++       | g++-arm-linux-gnueabihf qemu-user                    |
ppc64le       | powerpc64le-linux-gnu-g++     | g++-powerpc64le-linux-gnu qemu-user                  |
riscv64       | riscv64-linux-gnu-g++         | g++-riscv64-linux-gnu qemu-user                      |
s390x         | s390x-linux-gnu-g++           | g++-s390x-linux-gnu qemu-user                        |
windows       | x86_64-w64-mingw32-g++        | g++-mingw-w64-x86-64-posix wine wine64               |
wasm          | em++                          | emscripten nodejs                                    |
bare-arm      | arm-none-eabi-g++             | gcc-arm-none-eabi libstdc++-arm-none-eabi-newlib qemu-user |
"

read -ra tests <<<"${TESTS-unit}"
known=$(sed -n 's/ *|.*//p' <<<"$platforms" | tr '\n' ' ')
for name in "$@"; do
  [[ " $known" == *" $name "* ]] || { echo "There is no platform $name; there are: ${known% }" >&2; exit 2; }
done

row() {  # row NAME COMPILER CASES HASH SECONDS
  table+=("$(printf '%-13s  %-34s %5s  %-16s  %7s' "$@")")
}
row platform compiler cases transcript seconds

# Nothing of Debian's is zlib for another machine without all of that machine's packages; but binutils brings it along.
zlib=$build/zlib
unpack_zlib() {  # all of it, or none
  rm -rf "$zlib.part"
  mkdir -p "$zlib.part"
  tar -C "$zlib.part" --strip-components 2 -xf /usr/src/binutils/binutils-*.tar.xz --wildcards 'binutils-*/zlib/*.[ch]'
  mv -T "$zlib.part" "$zlib"
}

# Wine writes into a directory of its own, and no menus.
export WINEDEBUG=-all WINEPREFIX=$build/wine WINEDLLOVERRIDES=winemenubuilder.exe=
mkdir -p "$build"

hash_in() {  # hash_in FILE: nothing where there is none
  [[ ! -f $1 ]] || sed -nE 's/^transcript: .* hash ([0-9a-f]+)\r?$/\1/p' "$1"
}

reference=
compare() {  # compare NAME HASH: is it that of the first platform?
  reference=${reference:-$2}
  if [[ -z $2 || $2 != "$reference" ]]; then fail "$1 tells something else: ${2:-nothing} is not $reference"; fi
}

why_not() {  # why_not NAME: why it cannot be tried here, if so
  local flag
  case $1 in
    windows | sse2) flag=sse2 ;;  # on x86-64: wine runs what the machine can, g++ compiles for it
    ssse3) flag=ssse3 ;;
    avx2) flag=avx2 ;;
    avx512) flag=avx512bw ;;
    "$(uname -m)") echo "it is this machine, which is called native" && return ;;
    *) return 0 ;;
  esac
  grep -qsw "$flag" /proc/cpuinfo || echo "this machine has no $flag"
}

run_platform() {  # run_platform NAME COMPILER PACKAGES OPTIONS TEST...: a line of the table
  local name=$1 compiler=$2 begin=$SECONDS machine=$root/tests/platforms/$1.ini why hash= good=0 options=() packages=()
  local how=(--timeout-multiplier=10)
  why=$(why_not "$name")
  if [[ -n $why ]]; then
    table+=("$(printf '%-13s  left out: %s' "$name" "$why")")
    return 0
  fi
  read -ra packages <<<"g++ doctest-dev libdeflate-dev meson ninja-build pkgconf python3 zlib1g-dev $3"
  read -ra options <<<"$4"
  if [[ -e $machine ]]; then options+=(--cross-file "$machine"); fi
  # What /proc/cpuinfo says is of the machine on which qemu runs.
  if [[ $name == sse2 ]]; then how+=(--test-args="--test-case-exclude='*that its system says it has'"); fi
  if [[ -e $machine && " ${*:5} " == *" unit "* ]]; then
    packages+=(binutils-source xz-utils)
    options+=(-D zlib="$zlib")
  fi
  if ! install_packages "${packages[@]}"; then
    fail "$name: its packages cannot be installed"
    row "$name" "$compiler" - "not installed" -
    return 0
  fi
  if [[ " ${packages[*]} " == *" binutils-source "* && ! -e $zlib ]]; then unpack_zlib; fi
  echo "Testing on $name with $compiler"
  if [[ $name == windows ]]; then trap 'status=$?; wineserver -k || true; tally "$status"' EXIT; fi  # which would stay
  if [[ $name == bare-arm ]]; then
    bare_arm "$compiler"
  elif set_up "$build/$name" "$compiler" "${options[@]}"; then
    run_meson "$build/$name" "$compiler, for $name" "${how[@]}" transcript "${@:5}"
    hash=$(hash_in "$build/$name/meson-logs/testlog.txt")
  else
    fail "meson setup for $name"
  fi
  compare "$name" "$hash"
  row "$name" "$compiler $("$compiler" -dumpfullversion -dumpversion)" "$good" "${hash:--}" $((SECONDS - begin))
}

# A C library and no system: the transcript. Neither of them: a server, for a Cortex-M3, whose size is shown.
bare_arm() {  # bare_arm COMPILER: sets `hash` and `good`
  local compile=("$1" -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Werror
    -mthumb -Wl,--gc-sections -I "$root/include" -I "$root/tests" -I "$root")
  if "${compile[@]}" -O1 -mcpu=cortex-a9 --specs=rdimon.specs "$root/tests/transcript.cpp" -o "$build/transcript.elf" &&
    qemu-arm "$build/transcript.elf" >"$build/transcript.txt"; then
    good=$((good + 1))
    hash=$(hash_in "$build/transcript.txt")
  else
    fail "the transcript, built with $1"
  fi
  compile+=(-mcpu=cortex-m3)
  if "${compile[@]}" -Os -ffreestanding -fno-exceptions -fno-rtti -ffunction-sections -fdata-sections \
    -c "$root/tests/platforms/freestanding.cpp" -o "$build/freestanding.o" &&
    "${compile[@]}" "$build/freestanding.o" -nostdlib -lc_nano -lgcc -o "$build/freestanding.elf" &&
    qemu-arm "$build/freestanding.elf"; then
    good=$((good + 1))
    arm-none-eabi-size "$build/freestanding.elf"
    # Of the C library the first two are allowed; the others are of the compiler and the linker.
    local text symbol
    for symbol in $(arm-none-eabi-nm --undefined-only --format=just-symbols "$build/freestanding.o"); do
      [[ $symbol =~ ^(mem(chr|cmp|cpy|move|set)|strlen|__ctzdi2|__init_array_(start|end))$ ]] ||
        fail "the freestanding server needs $symbol"
    done
    read -r text _ < <(arm-none-eabi-size "$build/freestanding.elf" | tail -n 1)
    if [[ $text -gt 45000 ]]; then fail "the freestanding server has $text bytes of code"; fi
  else
    fail "the freestanding server, built with $1"
  fi
  passed=$((passed + good))
}

while IFS='|' read -r -u 3 name compiler packages options; do
  read -r name <<<"$name"
  read -r compiler <<<"$compiler"
  if [[ -z $name ]]; then continue; fi
  if [[ $# -eq 0 || " $* " == *" $name "* ]]; then
    run_platform "$name" "$compiler" "$packages" "$options" ${tests[@]+"${tests[@]}"}
  elif [[ $name == native ]]; then
    run_platform "$name" "$compiler" "$packages" "$options"  # what the others are compared with
  fi
done 3<<<"$platforms"
