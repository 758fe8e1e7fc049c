#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# suite.sh: sourced by the scripts that count what passed.
source "$root/tests/packages.sh"
export PATH=/usr/bin:$PATH  # where the packages put their programs

passed=0
failed=0
failures=()
table=()  # shown above what is counted
tally() {  # tally [STATUS]
  local status=${1:-$?}
  if [[ $status -ne 0 && $failed -eq 0 ]]; then failed=1; fi
  if [[ ${#table[@]} -gt 0 ]]; then printf '%s\n' "${table[@]}"; fi
  if [[ ${#failures[@]} -gt 0 ]]; then printf 'FAILED: %s\n' "${failures[@]}"; fi
  echo "$passed passed, $failed failed"
  [[ $failed -eq 0 ]] || exit 1
}
trap tally EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {  # fail WHAT
  failures+=("$1")
  failed=$((failed + 1))
}

# What `meson test` wrote down, a JSON object a test, in one line: how many passed, how many failed, which.
summary() {  # summary LOG
  python3 - "$1" <<'PY'
import json, re, sys

passed, failed, names = 0, 0, []
for test in map(json.loads, open(sys.argv[1], encoding="utf-8")):
    ok = test["result"] == "OK"
    told = re.sub(r"\x1b\[[\d;]*m", "", test.get("stdout", ""))  # some terminals are none
    cases = re.search(r"test cases: +\d+ \| +(\d+) passed \| +(\d+) failed", told)
    good, bad = map(int, cases.groups()) if cases else (int(ok), 0)
    passed += good
    failed += bad if ok else max(bad, 1)
    if not ok:
        names.append(test["name"])
print(passed, failed, ", ".join(names))
PY
}

# sees WRONG WORDS COMMAND...: whether a program with this in main(), compiled by the command, fails with these words, and
# one without does not fail. It stands in $work, `runner` runs it, and $name is what has to see it.
sees() {
  local body
  for body in 'return 0 * count;' "$1"; do
    printf '#include <cstdlib>\n#include <vector>\nint main(int count, char**) {\n  %s\n}\n' "$body" >"$work/wrong.cpp"
    quietly "${@:3}" "$work/wrong.cpp" -o "$work/wrong" || { fail "what $name is to see does not compile"; return 0; }
    if { ${runner[@]+"${runner[@]}"} "$work/wrong"; } >"$work/wrong.log" 2>&1; then
      if [[ $body == "$1" ]]; then fail "$name does not see: $1"; fi
    elif [[ $body != "$1" ]] || ! grep -q -- "$2" "$work/wrong.log"; then
      tail -n 20 "$work/wrong.log"
      fail "$name says something else of: $body"
    else
      passed=$((passed + 1))
    fi
  done
}

set_up() {  # set_up DIRECTORY COMPILER OPTION...: there, or where there is one already, of the tree as it is now
  local setup=(env CXX="$2" meson setup -D werror=true "${@:3}" "$1" "$root") how
  how=$("$2" --version && echo "${setup[*]}") || return
  { [[ -f $1/setup && $how == "$(<"$1/setup")" ]] && "${setup[@]}" --reconfigure; } >/dev/null 2>&1 || {
    rm -rf "$1"  # there is none yet, or of another compiler or flags, which meson keeps, or of a tree that looked different
    quietly "${setup[@]}" && echo "$how" >"$1/setup"
  }
}

# Runs tests and counts them: `good` is how many passed of these. What begins with - is an option of `meson test`.
run_meson() {  # run_meson DIRECTORY COMPILER TEST...
  local status=0 bad=0 names= log=$1/meson-logs/testlog.json known name
  good=0
  known=$(meson introspect --tests "$1" | python3 -c 'import json, sys; print(*(test["name"] for test in json.load(sys.stdin)))')
  for name in "${@:3}"; do  # meson would pass over one that it does not know
    [[ $name == -* || " $known " == *" $name "* ]] || { fail "there is no test $name, built with $2"; return 0; }
  done
  rm -f "$log" "${log%.json}.txt"
  meson test -C "$1" --print-errorlogs "${@:3}" || status=$?
  if [[ -f $log ]]; then read -r good bad names < <(summary "$log"); fi
  passed=$((passed + good))
  if [[ $bad -gt 0 ]]; then
    failed=$((failed + bad))
    failures+=("$names, built with $2")
  elif [[ $status -ne 0 || $good -eq 0 ]]; then
    fail "meson test with $2"
  fi
}
