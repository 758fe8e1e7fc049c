# SPDX-License-Identifier: MIT
"""Builds the tests with all mutants inside, and runs for each the test cases that come by it. See run.sh."""
import argparse
import collections
import concurrent.futures
import os
import re
import resource
import shutil
import subprocess
import sys
import threading
import time

import mutate

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
WORK = ROOT + "/build/mutants"
TREE = WORK + "/tree"  # the project with all mutants in include/weft
BUILD = WORK + "/build"
COMPILER = "clang++-19"
BINARIES = ("unit", "unit_32", "unit_16", "unit_0")  # the tests, and those of narrower vectors
FLAGS = ("-w", "-include", ROOT + "/tests/mutants/mutant.hpp", "-fconstexpr-steps=200000000", "-ferror-limit=0",
         "-Wno-c++11-narrowing")
MEMORY = 8 << 30


def write(name, text):
    """Leaves a file alone that is already so, for what is built of it."""
    os.makedirs(os.path.dirname(name), exist_ok=True)
    if not os.path.exists(name) or open(name, encoding="utf-8").read() != text:
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)


def lines_of(name):
    if not os.path.exists(name):
        return []
    with open(name, encoding="utf-8") as file:
        return file.read().splitlines()


# The tree

def plant(mutants, texts, left_out):
    """Writes the headers with all mutants but those left out; for each file its text and what is whose in it."""
    planted = {}
    for file, text in texts.items():
        out, spans = mutate.schema(text, [m for m in mutants if m.file == file and m.key not in left_out])
        write(f"{TREE}/include/weft/{file}", out)
        planted[file] = out, spans
    return planted


def copy_tree():
    for name in ("meson.build", "meson_options.txt", "README.md", "LICENSE", "tests", "fuzz", "docs", "bench", "include"):
        source, to = f"{ROOT}/{name}", f"{TREE}/{name}"
        if os.path.isfile(source):
            os.makedirs(TREE, exist_ok=True)
            shutil.copy2(source, to)
        else:
            skipped = ("weft", "mutants") if name in ("include", "tests") else ()
            shutil.copytree(source, to, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*skipped))
    shutil.copy2(ROOT + "/tests/mutants/main.cpp", TREE + "/tests/support/main.cpp")


def culprits(output, planted):
    """The mutants that a compiler points to: for each error the innermost one at the first place that is in one."""
    found, pending = set(), False
    for line in output.splitlines():
        match = re.search(r"([^ :]+):(\d+):(\d+): (fatal error|error|note): ", line)
        if not match:
            continue
        if "error" in match[4]:
            pending = True
        if not pending or "/include/weft/" not in match[1]:
            continue
        text, spans = planted[os.path.realpath(os.path.join(BUILD, match[1])).split("/include/weft/")[1]]
        at = sum(len(one) + 1 for one in text.split("\n")[: int(match[2]) - 1]) + int(match[3]) - 1
        around = [span for span in spans if span[0] <= at < span[1]]
        if around:
            found.add(min(around, key=lambda span: span[1] - span[0])[2].key)
            pending = False
    return found


def build(mutants, texts):
    """Drops what does not compile until the rest does. Returns the keys of what was dropped."""
    listed = WORK + "/unwrapped"
    left_out = set(lines_of(listed)) & {m.key for m in mutants}
    headers = "".join(f"#include <weft/{file}>\n" for file in sorted(texts) if file.endswith(".hpp"))
    write(WORK + "/all.cpp", headers)
    trials = [[COMPILER, "-std=c++20", "-fsyntax-only", *FLAGS, f"-I{TREE}/include", WORK + "/all.cpp"]]
    if not os.path.exists(BUILD + "/build.ninja"):
        plant(mutants, texts, left_out)
        setup = subprocess.run(["meson", "setup", "-Dcpp_args=" + " ".join(FLAGS), BUILD, TREE],
                               env={**os.environ, "CXX": COMPILER}, capture_output=True, text=True)
        if setup.returncode != 0:
            raise SystemExit(setup.stdout + setup.stderr)
    trials.append(["ninja", "-k", "0", "-C", BUILD, *("tests/" + binary for binary in BINARIES)])
    for trial in trials:
        while True:
            planted = plant(mutants, texts, left_out)
            tried = subprocess.run(trial, capture_output=True, text=True)
            if tried.returncode == 0:
                break
            found = culprits(tried.stdout + tried.stderr, planted) - left_out
            if not found:
                raise SystemExit("mutants: this does not compile, and no mutant is to blame:\n" + tried.stdout + tried.stderr)
            left_out |= found
            write(listed, "".join(key + "\n" for key in sorted(left_out)))
            print(f"{len(left_out)} cannot be wrapped", flush=True)
    return left_out


# The tests

Case = collections.namedtuple("Case", "binary file name seconds reached")


def pattern(name):
    return re.sub(r"[,\\*\"]", "?", name)


def limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run(command, seconds, **environment):
    """`killed`, `timeout` or `survived`."""
    try:
        done = subprocess.run(command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, timeout=seconds,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=limits)
    except subprocess.TimeoutExpired:
        return "timeout"
    return "killed" if done.returncode != 0 else "survived"


def baseline():
    """Each test case, and what it comes by; a line of the record is remembered as long as the binary is."""
    cases = []
    for binary in BINARIES:
        program, record = f"{BUILD}/tests/{binary}", f"{WORK}/{binary}.reached"
        if not os.path.exists(record) or os.path.getmtime(record) < os.path.getmtime(program):
            begun = time.time()
            if run([program], 3000, MUTANTS_REACHED=record + ".new") != "survived":
                raise SystemExit(f"mutants: {binary} does not pass without a mutant alive")
            os.rename(record + ".new", record)
            print(f"{binary}: {time.time() - begun:.0f} s without a mutant", flush=True)
        for line in lines_of(record):
            file, name, seconds, reached = line.split("\t")
            file = os.path.relpath(os.path.join(BUILD, file), TREE + "/tests")
            cases.append(Case(binary, file, name, float(seconds), frozenset(map(int, reached.split()))))
    return cases


def batches(mutant, cases):
    """Few test cases first, those of the header's own tests, then more and longer ones."""
    own = re.sub(r"\.(hpp|inl)$", ".cpp", mutant.file).replace("kernel.cpp", "kernels.cpp")
    left = sorted(cases, key=lambda case: (case.seconds > 0.5, case.file != own, case.binary != "unit", case.seconds))
    limit = 0.3
    while left:
        batch, total = [], 0.0
        binary = left[0].binary
        while left and left[0].binary == binary and (not batch or total + left[0].seconds <= limit):
            batch.append(left.pop(0))
            total += batch[-1].seconds
        yield batch, total
        limit = min(limit * 4, 8)


def judge(mutant, cases):
    for batch, seconds in batches(mutant, cases):
        files = ",".join(sorted({pattern("*" + case.file) for case in batch}))
        command = [f"{BUILD}/tests/{batch[0].binary}", "--abort-after=1", "--no-intro=true",
                   "--source-file=" + files, "--test-case=" + ",".join(pattern(case.name) for case in batch)]
        result = run(command, 8 * seconds + 8, MUTANT=str(mutant.number))
        if result != "survived":
            return result, f"{batch[0].binary}: {batch[0].file}"
    return "survived", "at run time"


class Results:
    """One line a mutant: its key, what became of it, and by what. Kept at once, so that a run may stop anywhere."""

    def __init__(self, name):
        self.name = name
        self.lock = threading.Lock()
        self.known = {}
        for line in lines_of(name):
            key, result, by = line.split("\t")
            self.known[key] = result, by
        self.file = open(name, "a", encoding="utf-8")

    def add(self, key, result, by):
        with self.lock:
            self.known[key] = result, by
            self.file.write(f"{key}\t{result}\t{by}\n")
            self.file.flush()


def each(todo, work, until):
    """Two at a time, until the time is over; how many were not begun."""
    left = collections.deque(todo)

    def worker():
        while left and time.time() < until:
            try:
                one = left.popleft()
            except IndexError:
                return
            work(one)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in [pool.submit(worker) for _ in range(os.cpu_count())]:
            done.result()
    return len(left)


ROOMS = ("frame", "connection", "handshake", "deflate", "detail")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=1e9)
    options.add_argument("headers", nargs="*")
    chosen = options.parse_args()
    until = time.time() + chosen.seconds
    os.makedirs(WORK, exist_ok=True)
    copy_tree()
    mutants, texts = mutate.find(ROOT + "/include", [[], ["-DWEFT_WIDEST_VECTOR=0"]])
    left_out = build(mutants, texts)
    cases = baseline()
    results = Results(WORK + "/results.tsv")
    by_mutant = collections.defaultdict(list)
    for case in cases:
        for number in case.reached:
            by_mutant[number].append(case)
    wanted = [m for m in mutants if not chosen.headers or m.file in chosen.headers]
    wanted.sort(key=lambda m: ROOMS.index(m.file.split("/")[0]) if m.file.split("/")[0] in ROOMS else len(ROOMS))
    wrapped = [m for m in wanted if m.key not in left_out and by_mutant[m.number]]
    print(f"{len(wanted)} mutants, of which the tests reach {len(wrapped)} at run time", flush=True)
    todo = [m for m in wrapped if m.key not in results.known]
    left = each(todo, lambda m: results.add(m.key, *judge(m, by_mutant[m.number])), until)
    table = collections.defaultdict(collections.Counter)
    for m in wrapped:
        table[m.file][results.known.get(m.key, ("left", ""))[0]] += 1
    for file, row in table.items():
        print(file, dict(row))
    print(f"{left} left")


if __name__ == "__main__":
    main()
