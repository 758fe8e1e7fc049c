# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# targets.sh: sourced by the scripts that fuzz. Which targets there are, what each needs, and how it is built.

all_targets=(calls client_frames close_payload compressed_frames deflate_round_trip differential_beast differential_websocketpp
  differential_wslay extensions fields inflate mask request_head response_head round_trip server_frames uri utf8)

# choose_targets [NAME...]: sets `targets` to these or to all, and `packages` to what they need.
choose_targets() {
  targets=("$@")
  [[ $# -gt 0 ]] || targets=("${all_targets[@]}")
  packages=()
  local target
  for target in "${targets[@]}"; do
    [[ " ${all_targets[*]} " == *" $target "* ]] || { echo "There is no target $target; there are: ${all_targets[*]}" >&2; exit 2; }
    case $target in
      differential_wslay) packages+=(libwslay-dev) ;;
      differential_websocketpp) packages+=(libwebsocketpp-dev libboost-dev) ;;
      differential_beast) packages+=(libboost-dev) ;;
      inflate | compressed_* | deflate_*) packages+=(zlib1g-dev) ;;
    esac
  done
  # Any version of Boost will do, and there can be only one.
  if [[ -e /usr/include/boost/beast.hpp ]]; then packages=("${packages[@]/libboost-dev/zlib1g-dev}"); fi
}

libraries_of() {  # libraries_of TARGET
  case $1 in
    inflate | compressed_* | deflate_*) echo -lz ;;
    differential_wslay) echo -lwslay ;;
    differential_beast) echo -pthread ;;
  esac
}

# The directory with the seeds of a target.
seeds_of() {  # seeds_of TARGET
  echo "$root/fuzz/corpus/${1/#differential_*/differential}"
}

# build_target TARGET TO [INCLUDE]: with libFuzzer and sanitizers; against another copy of weft's headers, where one is given.
# From the root, so that ignore.txt can tell by their paths which files are whose.
build_target() (
  libraries=$(libraries_of "$1")
  cd "$root" || return
  clang++-19 -std=c++20 -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer,address,undefined,implicit-conversion \
    -fno-sanitize-recover=all -fsanitize-ignorelist=fuzz/ignore.txt -I"${3:-include}" -I. -Itests \
    -DFUZZ_TARGET="$1" fuzz/libfuzzer.cpp -o "$2" ${libraries:+"$libraries"}
)
