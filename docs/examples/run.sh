#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run.sh [port]: compiles the echo server and runs it. A C++20 compiler and zlib it installs first where they are missing.
set -euo pipefail

repository=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
compiler=${CXX:-c++}

compiles() {  # compiles HEADER
  echo "#include <$1>" | "$compiler" -std=c++20 -I"$repository/include" -x c++ -fsyntax-only - 2>/dev/null
}

quietly() {
  local output
  output=$("$@" 2>&1) || { printf '%s\n' "$output" >&2; return 1; }
}

install() {  # install PACKAGE...
  local as_root=()
  if [[ $(id -u) -ne 0 ]]; then as_root=(sudo); fi
  if ! command -v apt-get >/dev/null || ! command -v "${as_root[0]:-true}" >/dev/null; then return 1; fi
  echo "run.sh: installing $*" >&2
  quietly "${as_root[@]}" apt-get update &&
    quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
}

missing=()
if [[ -z ${CXX:-} ]] && ! compiles weft/weft.hpp; then missing+=(g++); fi
if ! compiles zlib.h; then missing+=(zlib1g-dev); fi
if [[ ${#missing[@]} -gt 0 ]]; then install "${missing[@]}" || true; fi
if ! compiles weft/weft.hpp; then
  echo "run.sh: '$compiler' is no C++20 compiler; install g++ 12 or clang 14 (or newer), or name one in CXX" >&2
  exit 1
fi
if ! compiles zlib.h; then
  echo "run.sh: there is no zlib.h; install zlib's development files, which Debian has as zlib1g-dev" >&2
  exit 1
fi

mkdir -p "$repository/build"
"$compiler" -std=c++20 -O2 -I"$repository/include" "$repository/docs/examples/echo_server.cpp" \
  -lz -o "$repository/build/echo_server"
exec "$repository/build/echo_server" "$@"
