#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# sanitizers.sh [NAME...]: the unit tests under each of the tools below, or the named ones, on Debian 12, after
# installing what they need. First each has to see something that is wrong. It takes half an hour; what of it is quick
# enough for every change is in run.sh. The last line counts each test case, and each first look as one.
#
#   address     AddressSanitizer with leaks, UndefinedBehaviorSanitizer with implicit conversions in include/weft
#   memory      MemorySanitizer, with libc++, zlib and libdeflate compiled for it from Debian's sources
#   assertions  those of libstdc++; what its debug mode adds cannot be evaluated at compile time
#   valgrind    memcheck, whose machine has AVX2: without the case that compares it with what the system says
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tests/suite.sh"
work=$root/build/sanitizers
all=(address memory assertions valgrind)
names=("$@")
[[ $# -gt 0 ]] || names=("${all[@]}")
for name in "${names[@]}"; do
  [[ " ${all[*]} " == *" $name "* ]] || { echo "There is no $name; there are: ${all[*]}" >&2; exit 2; }
done

# unit COMPILER FLAGS LINK [OPTION...]: the unit tests with these flags, given as meson has lists.
unit() {
  local build=$work/$name status=0 counts
  if ! set_up "$build" "$1" -D werror=false -D b_lundef=false -D "cpp_args=$2" -D "cpp_link_args=$3" ||
    ! quietly meson compile -C "$build" unit; then
    fail "the unit tests do not compile for $name"
    return 0
  fi
  "${runner[@]}" "$build/tests/unit" "${arguments[@]}" >"$work/$name.log" 2>&1 || status=$?
  counts=$(sed -nE 's/.*test cases: +[0-9]+ \| +([0-9]+) passed \| +([0-9]+) failed.*/\1 \2/p' "$work/$name.log")
  counts=${counts:-0 0}
  passed=$((passed + ${counts%% *}))
  if [[ $status -ne 0 || $counts == "0 "* || $counts != *" 0" ]]; then
    tail -n 60 "$work/$name.log"
    fail "the unit tests under $name, exit status $status"
  fi
}

address() {
  install_packages clang-19 libclang-rt-19-dev libdeflate-dev zlib1g-dev
  # What converts without saying so counts in include/weft only. Paths are as they are given from a directory of meson.
  printf '[implicit-*]\nsrc:/usr/*\nsrc:../../../tests/*\nsrc:../../../fuzz/*\nsrc:tests/*\n' >"$work/ignore.txt"
  local flags=(-fsanitize=address,undefined,implicit-conversion -fno-sanitize-recover=all -fno-omit-frame-pointer
    -fsanitize-ignorelist="$work/ignore.txt")
  sees 'volatile int* p = new int[4]; return p[3 + count] * 0;' heap-buffer-overflow clang++-19 "${flags[@]}"
  sees 'volatile int large = 0x7FFFFFFF; return (large + count) * 0;' 'integer overflow' clang++-19 "${flags[@]}"
  sees 'volatile void* p = std::malloc(count); p = nullptr; return 0;' 'detected memory leaks' clang++-19 "${flags[@]}"
  # Of two conversions, each in a function of its own, the first is to be ignored.
  local like=$work/like directory
  mkdir -p "$like"/{tests,include/weft,build/sanitizers/address}
  for directory in tests include/weft; do echo '[&] { volatile unsigned char c = 255 + count; }();' >"$like/$directory/wrong.hpp"; done
  sees $'#include <wrong.hpp>\n#include <weft/wrong.hpp>\nreturn 0;' 'include/weft/wrong.hpp:.*implicit conversion' \
    env -C "$like/build/sanitizers/address" clang++-19 -I ../../../tests -I ../../../include "${flags[@]}"
  unit clang++-19 "$(list "${flags[@]}")" "$(list "${flags[@]}")"
}

# Of Debian's sources, unpacked under $work/sources.
sources() {  # sources PACKAGE...
  local own=$work/apt
  mkdir -p "$own/lists/partial" "$own/parts" "$own/archives" "$work/sources"
  sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$own/sources.list" 2>/dev/null || true
  local file
  for file in /etc/apt/sources.list.d/*.sources; do
    [[ ! -e $file ]] || sed 's/^Types:.*/Types: deb-src/' "$file" >"$own/parts/$(basename "$file")"
  done
  local apt=(apt-get -o Dir::Etc::sourcelist="$own/sources.list" -o Dir::Etc::sourceparts="$own/parts"
    -o Dir::State::lists="$own/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=)
  quietly "${apt[@]}" update
  (cd "$work/sources" && quietly "${apt[@]}" source --download-only "$@")
}

# libc++, zlib and libdeflate, compiled with MemorySanitizer, to $work/instrumented: without, what they write counts as
# never written.
instrumented() {
  local to=$work/instrumented llvm=$work/sources/llvm name library file
  if [[ -e $to/done ]]; then return 0; fi
  sources llvm-toolchain-19 zlib libdeflate
  mkdir -p "$llvm" "$to/lib/pkgconfig" "$to/include"
  tar -C "$llvm" --strip-components 1 -xf "$work"/sources/llvm-toolchain-19_*.orig.tar.xz --wildcards \
    '*/runtimes/*' '*/libcxx/*' '*/libcxxabi/*' '*/cmake/*' '*/llvm/utils/*' '*/third-party/*'
  quietly cmake -G Ninja -S "$llvm/runtimes" -B "$work/libcxx" -D CMAKE_BUILD_TYPE=RelWithDebInfo \
    -D CMAKE_C_COMPILER=clang-19 -D CMAKE_CXX_COMPILER=clang++-19 -D LLVM_ENABLE_RUNTIMES="libcxx;libcxxabi" \
    -D LLVM_USE_SANITIZER=Memory -D LIBCXXABI_USE_LLVM_UNWINDER=OFF -D LIBCXX_ENABLE_SHARED=OFF \
    -D LIBCXXABI_ENABLE_SHARED=OFF -D LIBCXX_INCLUDE_BENCHMARKS=OFF -D LIBCXX_INCLUDE_TESTS=OFF \
    -D CMAKE_INSTALL_PREFIX="$to"
  quietly ninja -C "$work/libcxx" install-cxx install-cxxabi
  for library in z deflate; do
    name=$([[ $library == z ]] && echo zlib || echo libdeflate)
    mkdir -p "$work/sources/$name" "$work/$name"
    tar -C "$work/sources/$name" --strip-components 1 -xf "$work"/sources/${name}_*.orig.tar.*
    for file in $(cd "$work/sources/$name" && find . -name '*.c' ! -path '*/contrib/*' ! -path '*/examples/*' \
      ! -path '*/test/*' ! -path '*/programs/*' ! -path '*/arm/*' ! -name 'gz*' -printf '%P\n'); do
      quietly clang-19 -O1 -g -w -fsanitize=memory -D Z_HAVE_UNISTD_H -I "$work/sources/$name" \
        -c "$work/sources/$name/$file" -o "$work/$name/${file//\//_}.o"
    done
    ar rcs "$to/lib/lib$library.a" "$work/$name"/*.o
    cp "$work/sources/$name"/*.h "$to/include"
    printf 'Name: %s\nDescription: instrumented\nVersion: 1\nLibs: -L%s/lib -l%s\nCflags: -I%s/include\n' \
      "$name" "$to" "$library" "$to" >"$to/lib/pkgconfig/$name.pc"
  done
  touch "$to/done"
}

memory() {
  install_packages clang-19 libclang-rt-19-dev cmake xz-utils bzip2
  local with=$work/instrumented
  local status
  set +e  # as a condition it would go on behind what fails
  (set -e; instrumented)
  status=$?
  set -e
  if [[ $status -ne 0 ]]; then fail "what the tests need cannot be compiled for MemorySanitizer"; return 0; fi
  local flags=(-fsanitize=memory -fno-omit-frame-pointer -nostdinc++ -isystem "$with/include/c++/v1")
  # The suite has an operator new of its own.
  local link=(-fsanitize=memory -Wl,-z,muldefs -nostdlib++ "-L$with/lib" -lc++ -lc++abi)
  sees 'int never; int* volatile p = &never; if (*p == 1) std::abort(); return 0;' use-of-uninitialized-value clang++-19 "${flags[@]}" "${link[@]}"
  PKG_CONFIG_LIBDIR=$with/lib/pkgconfig unit clang++-19 "$(list "${flags[@]}")" "$(list "${link[@]}")"
}

assertions() {
  install_packages g++ libdeflate-dev zlib1g-dev
  sees 'std::vector<int> none; return none[count] * 0;' Assertion g++ -D_GLIBCXX_ASSERTIONS
  unit g++ "['-D_GLIBCXX_ASSERTIONS']" "[]"
}

valgrind() {
  install_packages g++ libc6-dbg libdeflate-dev valgrind zlib1g-dev
  local arguments=(--test-case-exclude='*that its system says it has')
  local runner=(/usr/bin/valgrind --quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite)
  sees 'int* p = new int[4]; if (p[3 + count] == 1) std::abort(); delete[] p; return 0;' 'Invalid read' g++ -g
  sees 'int* volatile p = new int[count]; if (p[0] == 1) std::abort(); delete[] p; return 0;' 'depends on uninitialised' g++ -g
  unit g++ "['-g']" "[]"
}

list() {  # list ITEM...: as meson has it
  local items
  items=$(printf "'%s'," "$@")
  echo "[${items%,}]"
}

mkdir -p "$work"
install_packages doctest-dev meson ninja-build pkgconf python3
for name in "${names[@]}"; do
  echo "Testing under $name"
  runner=(env)
  arguments=()
  before=$passed began=$SECONDS
  "$name"
  echo "$name: $((passed - before)) passed, $((SECONDS - began)) s"
done
