#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# package.sh: weft as its users find it: by pkg-config, by CMake, and as a subproject of Meson.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
prefix=$work/prefix

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

install_weft() {
  meson setup --prefix "$prefix" build "$root" && meson install -C build --no-rebuild
}
headers_installed() {
  diff -r "$root/include/weft" "$prefix/include/weft"
}
same_on_every_machine() {
  ! find "$prefix" -type f -not -path "$prefix/include/*" -not -path "$prefix/share/*" | grep .
}
check "it installs" install_weft
check "every header is installed" headers_installed
check "all of it fits every machine" same_on_every_machine

cat >user.cpp <<'CPP'
#include <weft/weft.hpp>

int main() { return weft::server().ping().size() == 2 ? 0 : 1; }
CPP

by_pkg_config() {
  local flags
  flags=$(PKG_CONFIG_PATH=$prefix/share/pkgconfig pkg-config --cflags --libs 'weft >= 0.1') &&
    [[ ${flags% } == "-I$prefix/include" ]] &&
    c++ -std=c++20 "${flags% }" user.cpp -o by_pkg_config && ./by_pkg_config
}
check "a program finds it by pkg-config" by_pkg_config

# As a package manager would, it is moved away from where it was installed.
mkdir by_cmake
cat >by_cmake/CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.19)
project(user LANGUAGES CXX)
find_package(weft ${version} REQUIRED)
add_executable(user ../user.cpp)
target_link_libraries(user weft::weft)
CMAKE
by_cmake() {  # by_cmake VERSION
  cmake -G Ninja -S by_cmake -B "by_cmake/$1" -D version="$1" -D CMAKE_PREFIX_PATH="$work/moved"
}
run_by_cmake() { by_cmake 0.1 && cmake --build by_cmake/0.1 && by_cmake/0.1/user; }
refused_by_cmake() { ! by_cmake "$1" && grep -q "version: 0.1" output; }
mv prefix moved
check "a program finds it by CMake" run_by_cmake
check "CMake is refused a later version" refused_by_cmake 0.2
check "CMake is refused a later major version" refused_by_cmake 1

mkdir -p by_meson/subprojects
ln -s "$root" by_meson/subprojects/weft
cat >by_meson/meson.build <<'MESON'
project('user', 'cpp', default_options: 'cpp_std=c++20')
executable('user', '../user.cpp', dependencies: dependency('weft', version: '>=0.1'))
MESON
run_by_meson() {
  (cd by_meson && meson setup build && meson compile -C build && build/user)
}
only_the_user() {
  [[ $(meson introspect --tests by_meson/build) == "[]" ]] &&
    [[ -d by_meson/build/subprojects/weft ]] &&
    [[ $(meson introspect --targets by_meson/build | grep -o '"id"' | wc -l) == 1 ]]
}
check "a program has it as a subproject of Meson" run_by_meson
check "a subproject has no tests and no examples" only_the_user

echo "$passed checks passed"
