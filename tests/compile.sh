#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# compile.sh COMPILER: the headers as a user's compiler meets them, and what is in the object files that it makes.
set -euo pipefail

compiler=${1:?usage: compile.sh COMPILER}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Werror)
cxx20=("$compiler" -std=c++20 -I "$root/include" "${warnings[@]}")
cxx23=("$compiler" -std=c++2b -I "$root/include" "${warnings[@]}")  # clang 14 does not know c++23 yet
bare=("${cxx20[@]}" -O2 -fno-exceptions -fno-rtti)

passed=0
check() {  # check WHAT COMMAND...
  if "${@:2}" >output 2>&1; then
    echo "ok: $1"
    passed=$((passed + 1))
  else
    echo "FAILED: $1"
    cat output
    exit 1
  fi
}

# Every header for itself.
mkdir headers
while read -r header; do
  printf '#include <%s>\n' "$header" "$header" >"headers/${header//\//-}.cpp"
done < <(cd "$root/include" && find weft -name '*.hpp')
echo '#include <weft/weft.hpp>' >umbrella.cpp
printf '#define %s(a, b) no\n' min max >windows.cpp
cat umbrella.cpp >>windows.cpp

check "each header compiles alone, and twice" "${cxx20[@]}" -fsyntax-only headers/*.cpp
check "weft.hpp compiles as C++23" "${cxx23[@]}" -fsyntax-only umbrella.cpp
check "weft.hpp compiles without exceptions and RTTI" "${bare[@]}" -c umbrella.cpp
check "weft.hpp compiles where min and max are macros" "${cxx20[@]}" -fsyntax-only windows.cpp
check "the echo server compiles" "${cxx20[@]}" -fsyntax-only "$root/docs/examples/echo_server.cpp"

codec=$root/tests/compile/codec.cpp
check "the codec compiles without exceptions and RTTI" "${bare[@]}" -DUNIT=first -c "$codec" -o first.o
link_and_run() {
  "${cxx20[@]}" -DUNIT=second -c "$codec" -o second.o &&
    "${cxx20[@]}" first.o second.o "$root/tests/compile/program.cpp" -o program && ./program
}
check "two units with the codec link and run" link_and_run

# No state, no code that runs before main(). Sections are looked at and not symbols: an inline or a static local
# variable is a weak symbol, which does not tell where it lies. In .data.rel.ro lie constants that hold addresses.
stateless() {  # stateless OBJECT
  size -A "$1" | awk '$1 ~ /^\.(data|bss|tdata|tbss|init_array|ctors)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0 {
    print $1 ": " $2 " bytes"; found = 1 } END { exit found }'
}
# Nothing that allocates, throws, locks, asks for the time or reads the environment: only what moves and compares bytes.
# __cpu_model and __cpu_features2 are no calls: there the compiler's own library keeps, from before main() on, what the
# processor can do.
self_contained() {  # self_contained OBJECT
  nm --undefined-only --demangle "$1" | awk '{ sub(/^ *[Uvw] /, "") }
    !/^(mem(cpy|move|set|cmp|chr)|bcmp|strlen|_GLOBAL_OFFSET_TABLE_|__cpu_(model|features2))$/ { print "calls " $0; found = 1 }
    END { exit found }'
}
# The kernels are leaves: all that they do is in their own instructions, the only ones that may be wide.
calls_nothing() {  # calls_nothing OBJECT
  objdump --disassemble --reloc --no-show-raw-insn "$1" | awk '
    /^[0-9a-f]+ <.*>:$/ { kernel = /6simd(16|32|64)4(mask|text)E|sha1_of_60_by_four/; kernels += kernel; name = $0; next }
    kernel && /\tcall|R_X86_64_PLT32/ { print name; print; found = 1 }
    END { print kernels + 0 " kernels"; exit found || !kernels }'
}
refutes() {  # refutes CLAIM CODE
  echo "$2" >control.cpp && "$compiler" -std=c++20 -O2 -c control.cpp && ! "$1" control.o
}

check "weft.hpp has no state" stateless umbrella.o
check "the codec has no state" stateless first.o
check "control: a variable is state" refutes stateless 'int n = 1;'
check "control: a static variable is state" refutes stateless 'static int n; int f() { return ++n; }'
check "control: an inline variable is state" refutes stateless 'inline int n; int f() { return ++n; }'
check "control: a local static variable is state" refutes stateless 'inline int f() { static int n; return ++n; } int g() { return f(); }'
check "control: a thread's variable is state" refutes stateless 'thread_local int n;'
check "control: an initialiser is state" refutes stateless 'int f(); const int n = f();'

check "the codec calls only what moves and compares bytes" self_contained first.o
check "control: new is a call" refutes self_contained 'int* f() { return new int; }'
check "control: throw is a call" refutes self_contained 'void f() { throw 1; }'
check "control: a guarded initialiser is a call" refutes self_contained 'int f(); int g() { static int n = f(); return n; }'

if [[ $(uname -m) == x86_64 ]]; then
  check "the kernels call nothing" calls_nothing first.o
  check "control: a kernel that calls" refutes calls_nothing 'void f(); namespace simd16 { void mask(int) { f(); f(); } }'
fi

# What all who include weft pay for at each unit.
free_of_intrinsics() {  # free_of_intrinsics SOURCE
  ! "${cxx20[@]}" -M "$1" | grep -o '[^ ]*intrin\.h'
}
user_time() {  # user_time SOURCE: of three runs the fastest, in seconds
  local TIMEFORMAT=%U
  for _ in 1 2 3; do { time "${cxx20[@]}" -fsyntax-only "$1"; } 2>&1; done | sort -g | head -1
}
echo '#include <immintrin.h>' >intrinsics.cpp
(cd "$root/include" && grep -rhoE '^#include <[a-z_]+>' weft | sort -u) >standard.cpp
check "weft.hpp does without <immintrin.h>" free_of_intrinsics umbrella.cpp
if [[ $(uname -m) == x86_64 ]]; then check "control: <immintrin.h> is found" eval '! free_of_intrinsics intrinsics.cpp'; fi
echo "compile: $compiler takes $(user_time umbrella.cpp) s for weft.hpp, $(user_time standard.cpp) s for the standard" \
  "headers in it alone; <immintrin.h> would be $(user_time intrinsics.cpp) s more"

echo "$passed checks passed"
