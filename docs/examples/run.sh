#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run.sh [port]: compiles the echo server and runs it. Where there is no C++20 compiler, it installs g++ first.
set -euo pipefail

repository=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
compiler=${CXX:-c++}

compiles() {
  echo '#include <weft/weft.hpp>' | "$compiler" -std=c++20 -I"$repository/include" -x c++ -fsyntax-only - 2>/dev/null
}

quietly() {
  local output
  output=$("$@" 2>&1) || { printf '%s\n' "$output" >&2; return 1; }
}

install_compiler() {
  local as_root=()
  if [[ $(id -u) -ne 0 ]]; then as_root=(sudo); fi
  if ! command -v apt-get >/dev/null || ! command -v "${as_root[0]:-true}" >/dev/null; then return 1; fi
  echo "run.sh: no C++20 compiler found; installing g++" >&2
  quietly "${as_root[@]}" apt-get update &&
    quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends g++
}

if ! compiles; then
  if [[ -n ${CXX:-} ]] || ! install_compiler || ! compiles; then
    echo "run.sh: '$compiler' is no C++20 compiler; install g++ 12 or clang 14 (or newer), or name one in CXX" >&2
    exit 1
  fi
fi

mkdir -p "$repository/build"
"$compiler" -std=c++20 -O2 -I"$repository/include" "$repository/docs/examples/echo_server.cpp" \
  -o "$repository/build/echo_server"
exec "$repository/build/echo_server" "$@"
