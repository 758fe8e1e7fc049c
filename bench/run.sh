#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run.sh [quick] [-Duws=DIR] [-Dsimdutf=DIR] [-Dpicohttpparser=DIR]
#
# Builds and runs the benchmarks on Debian 12, after installing what they need: with g++ for any machine, with g++ for this
# one, and with clang++-19. Tables and charts are then in build/bench, beginning with report.md. It takes half an hour.
#
# With `quick` only g++ builds, only what goals.tsv needs is measured, with few repetitions, and it ends within eight
# minutes. The only lines on standard output are then those of the goals: name, figure, what it may be at most, `met` or
# `short`, between tabs; `-` and `absent` where the peer to compare with was not given.
#
# The peers that Debian does not have are given as checkouts of their repositories. What was built stays in build/bench-*,
# for the next run.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
here=$root/bench
source "$root/tests/packages.sh"
export PATH=/usr/bin:$PATH  # where the packages put their programs
exec 3>&1 1>&2              # 3: what is asked for; all else goes to standard error

programs=(decode mask utf8 handshake encode connections deflate)
packages=(g++ libbenchmark-dev libwebsocketpp-dev libwslay-dev meson ninja-build pkgconf python3 util-linux zlib1g-dev)
boost=libboost1.81-dev  # not installed: it conflicts with the older one that the tests use

die() {  # die STATUS LINE
  echo "run.sh: $2"
  exit "$1"
}

usage() {
  echo "usage: run.sh [quick] [-Duws=DIR] [-Dsimdutf=DIR] [-Dpicohttpparser=DIR]"
}

quick=""
declare -A peers=([uws]="" [simdutf]="" [picohttpparser]="")
declare -A known_by=([uws]=src/WebSocketProtocol.h [simdutf]=src/simdutf.cpp [picohttpparser]=picohttpparser.c)
for argument in "$@"; do
  case $argument in
    quick) quick=yes ;;
    --help | -h)
      sed -n '/^# run.sh/,/^set/{/^set/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&3
      exit 0
      ;;
    -Duws=* | -Dsimdutf=* | -Dpicohttpparser=*)
      peer=${argument#-D}
      peer=${peer%%=*}
      directory=${argument#*=}
      [[ -e $directory/${known_by[$peer]} ]] || die 2 "$argument: there is no $directory/${known_by[$peer]}"
      peers[$peer]=$(realpath "$directory")
      ;;
    *)
      usage
      exit 2
      ;;
  esac
done

without=()
options=()
for peer in uws simdutf picohttpparser; do
  options+=("-D$peer=${peers[$peer]}")
  [[ -n ${peers[$peer]} ]] || without+=("--without=$peer")
done

if [[ -n $quick ]]; then
  deadline=470
  builds=(gcc)
  sampling=(--benchmark_repetitions=7 --benchmark_min_time=0.05)
  out=$root/build/bench/quick
else
  packages+=(clang-19 valgrind)
  deadline=14400
  builds=(gcc gcc-native clang-19)
  sampling=(--benchmark_repetitions=5 --benchmark_min_time=0.03)
  out=$root/build/bench
fi

child=""
end_child() {
  if [[ -n $child ]]; then
    kill "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
}
trap end_child EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# bounded SECONDS WHAT LOG COMMAND...: ends the script with the end of the log if the command fails or takes too long. It is
# waited for in the background so that it does not outlive the script.
bounded() {
  local seconds=$1 what=$2 log=$3 status=0 left=$((deadline - SECONDS)) within="$1 s"
  shift 3
  if [[ $left -lt $seconds ]]; then
    seconds=$((left > 0 ? left : 1))
    within="the $deadline s that all of it may take"
  fi
  timeout --kill-after=5 "$seconds" "$@" >"$log" 2>&1 3>&- &
  child=$!
  wait "$child" || status=$?
  child=
  if [[ $status -eq 0 ]]; then return; fi
  if [[ $status -eq 124 || $status -eq 137 ]]; then die 1 "$what did not end within $within"; fi
  grep 'ERROR OCCURRED' "$log" || tail -n 40 "$log"
  die 1 "$what failed with status $status; see $log"
}

since=0
took() {  # took WHAT: the time since the last call
  echo "$1: $((SECONDS - since)) s"
  since=$SECONDS
}

report() {
  timeout --foreground 60 python3 "$here/report.py" "$@"
}

# Not from the background, where sudo could not ask.
install() {
  timeout --foreground 300 bash -c 'source "$1" && shift && install_packages "$@"' bash "$root/tests/packages.sh" "$@"
}

find_boost() {  # boost_headers: where it was unpacked, if it is not installed
  local where=$root/build/bench-boost as_root=
  boost_headers=
  if [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$boost" 2>&1) == installed ]]; then return; fi
  boost_headers=$where/usr/include
  if [[ -e $boost_headers/boost/version.hpp ]]; then return; fi
  rm -rf "$where"
  mkdir -p "$where"
  echo "Unpacking $boost"
  if [[ $EUID -ne 0 ]]; then as_root="sudo -n"; fi
  bounded 200 "apt-get download $boost" "$where/log" env -C "$where" sh -c "apt-get download $boost ||
    { $as_root apt-get -o DPkg::Lock::Timeout=60 update && apt-get download $boost; }"
  bounded 100 "dpkg-deb -x" "$where/log" dpkg-deb -x "$where/$boost"_*.deb "$where"
  rm "$where/$boost"_*.deb
}

build() {  # build NAME PROGRAM...
  local name=$1 compiler=g++ flags="" directory=$root/build/bench-$1
  shift
  case $name in
    gcc-native) flags=-march=native ;;
    clang-19) compiler=clang++-19 ;;
  esac
  local setup=(env CXX="$compiler" meson setup --buildtype=release -Dcpp_args="$flags" "${options[@]}"
    -Dboost="$boost_headers" "$directory" "$root")
  echo "Building $name"
  if ! timeout --foreground 60 "${setup[@]}" --reconfigure >/dev/null 2>&1; then
    rm -rf "$directory"  # there is none yet, or of a tree that looked different
    bounded 60 "meson setup with $compiler" "$out/$name/setup.log" "${setup[@]}"
  fi
  bounded 1800 "the build with $compiler" "$out/$name/build.log" ninja -j "$(nproc)" -C "$directory" "${@/#/bench/}"
  cp "$directory/compile_commands.json" "$out/$name"
}

list() {  # list BUILD: what its programs can measure
  local program
  for program in "${programs[@]}"; do
    bounded 30 "$program --benchmark_list_tests" "$out/$1/$program.names" \
      "$root/build/bench-$1/bench/$program" --benchmark_list_tests
  done
}

measure() {  # measure BUILD PROGRAM FILTER
  local results=$out/$1/$2.json
  # Repetitions in random order: a slow moment falls on all that is compared.
  bounded 3600 "$2" "$out/$1/$2.log" taskset -c "$core" "$root/build/bench-$1/bench/$2" --benchmark_filter="$3" \
    --benchmark_enable_random_interleaving=true "${sampling[@]}" --benchmark_out="$results" --benchmark_out_format=json
  report check "$results" || exit 1
}

collected() {  # collected BUILD NAME PASSES: `instructions` that callgrind counted
  local log=$out/$1/instructions.log
  bounded 300 "callgrind of $2" "$log" valgrind --tool=callgrind --collect-atstart=no --callgrind-out-file=/dev/null \
    "$root/build/bench-$1/bench/instructions" "$2" "$3"
  instructions=$(sed -n 's/.*Collected : *//p' "$log")
  [[ $instructions -gt 0 ]] || die 1 "callgrind of $2 counted nothing; see $log"
}

# count_instructions BUILD PROGRAM FEW MANY PATTERN: of a frame, by two runs that differ only in the number of passes
count_instructions() {
  local names name few frames instructions
  mapfile -t names < <(grep -E "$5" "$out/$1/$2.names")
  for name in "${names[@]}"; do
    collected "$1" "$name" "$3"
    few=$instructions
    collected "$1" "$name" "$4"
    frames=$(sed -n 's/ frames$//p' "$out/$1/instructions.log")  # of so many passes
    printf '%s\t%d\n' "$name" $(((instructions - few) * $4 / ($4 - $3) / frames)) >>"$out/$1/instructions-$2.tsv"
  done
}

install "${packages[@]}" || exit 1
find_boost
took Installing

core=$(python3 -c 'import os; print(max(os.sched_getaffinity(0)))')
rm -rf "$out"
for name in "${builds[@]}"; do
  mkdir -p "$out/$name"
done

if [[ -n $quick ]]; then
  build gcc "${programs[@]}"
  took Building
  list gcc
  for program in "${programs[@]}"; do
    filter=$(report filter "$out/gcc" "$program" "${without[@]}") || exit 1
    [[ -n $filter ]] || continue
    measure gcc "$program" "$filter"
    took "Measuring $program"
  done
  report goals "$out/gcc" "${without[@]}" >&3 || exit 1
else
  for name in "${builds[@]}"; do
    build "$name" "${programs[@]}" instructions
    list "$name"
    took "Building $name"
  done
  for name in "${builds[@]}"; do
    for program in "${programs[@]}"; do
      measure "$name" "$program" .
      took "Measuring $name $program"
    done
  done
  # Not with the machine's own instructions: valgrind does not know them all.
  count_instructions gcc decode 2 12 '^decode/(whole|cut64)/(bin|ascii|chat)/(2-125|mix)/'
  count_instructions gcc deflate 1 3 '^(deflate|inflate)/.*/(memcpy|zlib|weft|weft-pieces)$'
  took "Counting instructions"
  report write "$out" "${builds[@]}" "${without[@]}" || exit 1
  echo "$out/report.md" >&3
fi
echo "All of it: $SECONDS s"
