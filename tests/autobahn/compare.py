# SPDX-License-Identifier: MIT
"""Compares reports of the Autobahn|Testsuite with expected.json, and counts.

usage: compare.py AGENTS INDEX_JSON...

Each report must hold these agents, separated by commas, and for each of them every case. How a case behaved and how it
was closed must both be as expected.
"""

import json
import pathlib
import sys

EXPECTED = pathlib.Path(__file__).with_name("expected.json")


def compare(report, agent, expected):
    """The lines that tell what is not as expected."""
    seen = report.get(agent, {})
    for case, wanted in expected.items():
        for aspect in ("behavior", "behaviorClose"):
            found = seen.get(case, {}).get(aspect, "not there")
            if found != wanted:
                yield f"{agent}, case {case}: {aspect} is {found}, expected {wanted}"
                break


def main(agents, *indices):
    expected = json.loads(EXPECTED.read_text())
    total, failures = 0, []
    for index in map(pathlib.Path, indices):
        report = json.loads(index.read_text()) if index.exists() else {}
        for agent in agents.split(","):
            total += len(expected)
            failures += [f"FAILED: {index}: {line}" for line in compare(report, agent, expected)]
    print(*failures, f"{total - len(failures)} passed, {len(failures)} failed", sep="\n")
    return bool(failures) or total == 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: compare.py AGENTS INDEX_JSON...")
    sys.exit(main(*sys.argv[1:]))
