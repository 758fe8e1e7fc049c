#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run.sh: the Autobahn|Testsuite against weft as a server and as a client, each also reading byte by byte. It needs the
# suite's program `wstest`, and time. The reports stay in build/autobahn; the last line counts the cases, 517 in each of
# the four.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$root/tests/autobahn
build=$root/build/autobahn
patience=7200  # seconds, for all cases of one role

if ! command -v wstest >/dev/null; then
  echo "run.sh: there is no 'wstest' here; it is of github.com/crossbario/autobahn-testsuite" >&2
  exit 1
fi

rm -rf "$build"
mkdir -p "$build"
cd "$build"
for program in echo_server echo_client; do
  "${CXX:-g++}" -std=c++20 -O2 -I"$root/include" "$here/$program.cpp" -lz -o "$program"
done

started=()
trap 'if [[ ${#started[@]} -gt 0 ]]; then kill "${started[@]}" 2>/dev/null || true; fi' EXIT

# wait_for WHAT COMMAND...: until the command succeeds, 30 s at most.
wait_for() {
  local what=$1 i
  for ((i = 0; i < 300; ++i)); do
    if "${@:2}" 2>/dev/null; then return 0; fi
    sleep 0.1
  done
  echo "run.sh: $what did not start; see $build" >&2
  exit 1
}

start_server() {  # start_server AGENT [OPTION]: `port` is then its port
  ./echo_server "${@:2}" 0 >"$1.out" 2>"$1.err" &
  started+=($!)
  wait_for "echo_server" grep -q 'port' "$1.out"
  port=$(grep -o '[0-9]*$' "$1.out")
}

cases='"cases": ["*"], "exclude-cases": [], "exclude-agent-cases": {}'

start_server weft
plain=$port
start_server weft-bytewise --bytewise
cat >fuzzingclient.json <<JSON
{"outdir": "servers", $cases, "servers": [
  {"agent": "weft", "url": "ws://127.0.0.1:$plain"},
  {"agent": "weft-bytewise", "url": "ws://127.0.0.1:$port"}]}
JSON
timeout "$patience" wstest -m fuzzingclient -s fuzzingclient.json >fuzzingclient.log 2>&1 ||
  echo "run.sh: wstest -m fuzzingclient ended with status $?; see $build/fuzzingclient.log" >&2

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >fuzzingserver.json <<JSON
{"url": "ws://127.0.0.1:$port", "outdir": "clients", $cases}
JSON
timeout "$patience" wstest -m fuzzingserver -s fuzzingserver.json -u 0 >fuzzingserver.log 2>&1 &
started+=($!)
wait_for "wstest -m fuzzingserver" bash -c ": </dev/tcp/127.0.0.1/$port"
timeout "$patience" ./echo_client --deflate "ws://127.0.0.1:$port" weft || echo "run.sh: echo_client failed" >&2
timeout "$patience" ./echo_client --bytewise --deflate "ws://127.0.0.1:$port" weft-bytewise ||
  echo "run.sh: echo_client --bytewise failed" >&2

python3 "$here/compare.py" weft,weft-bytewise servers/index.json clients/index.json
