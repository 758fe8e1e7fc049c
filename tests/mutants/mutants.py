# SPDX-License-Identifier: MIT
"""Builds the tests with all mutants inside, and runs for each the test cases that come by it. See run.sh."""
import argparse
import collections
import concurrent.futures
import functools
import glob
import hashlib
import itertools
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
import zlib

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
SANITIZED = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-D_GLIBCXX_ASSERTIONS")  # as tests/sanitizers.sh
PROCESSORS = ("native", "Haswell", "Nehalem", "qemu64")  # as tests/coverage.sh has them
FOR_PROCESSORS = ("detail/isa.hpp", "detail/kernels.hpp", "handshake/accept_key.hpp")  # what chooses by them


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

def tree():
    """A name for the headers and the tests as they are: what is found of others does not count."""
    digest = hashlib.sha256()
    patterns = "/include/**/*.*", "/tests/**/*.?pp", "/fuzz/*.hpp"
    for name in sorted(name for pattern in patterns for name in glob.glob(ROOT + pattern, recursive=True)):
        with open(name, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:12]


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
    """The mutants that a compiler points to. Of errors near each other only the first counts: the others may follow from
    it. It is the innermost mutant at the first place that is in one, or all of a line where none is at that place."""
    found, pending, seen = set(), False, []
    for line in output.splitlines():
        match = re.search(r"([^ :]+):(\d+):(\d+): (fatal error|error|note): ", line)
        if not match:
            continue
        if "error" in match[4]:
            pending = True
        if not pending or "/include/weft/" not in match[1]:
            continue
        file = os.path.realpath(os.path.join(BUILD, match[1])).split("/include/weft/")[1]
        number = int(match[2])
        text, spans = planted[file]
        begin = sum(len(one) + 1 for one in text.split("\n")[: number - 1])
        at = begin + int(match[3]) - 1
        around = sorted((span for span in spans if span[0] <= at < span[1]), key=lambda span: span[1] - span[0])[:1]
        around = around or [span for span in spans if span[2].line == number]
        if not around:
            continue
        pending = False
        if not any(other == file and abs(number - line) < 30 for other, line in seen):
            found |= {span[2].key for span in around}
        seen.append((file, number))
    return found


def is_operand_of_instruction(mutant, texts):
    """Whether a compiler wants a constant there and does not call it so: the arguments of some instructions."""
    text = texts[mutant.file]
    begin = max(text.rfind(end, 0, mutant.start) for end in ";{}") + 1
    return "__builtin_shufflevector" in text[begin:mutant.end] or "palignr" in text[begin:mutant.end]


def build(mutants, texts):
    """Drops what does not compile until the rest does. Returns the keys of what was dropped."""
    listed = WORK + "/unwrapped"
    left_out = set(lines_of(listed)) & {m.key for m in mutants}
    left_out |= {m.key for m in mutants if is_operand_of_instruction(m, texts)}
    headers = "".join(f"#include <weft/{file}>\n" for file in sorted(texts) if file.endswith(".hpp"))
    write(WORK + "/all.cpp", headers)
    if not os.path.exists(BUILD + "/build.ninja"):
        plant(mutants, texts, left_out)
        setup = subprocess.run(["meson", "setup", "-Dcpp_args=" + " ".join(FLAGS), BUILD, TREE],
                               env={**os.environ, "CXX": COMPILER}, capture_output=True, text=True)
        if setup.returncode != 0:
            raise SystemExit(setup.stdout + setup.stderr)
    ninja = ["ninja", "-k", "0", "-C", BUILD, *("tests/" + binary for binary in BINARIES)]
    trials = [ninja, [COMPILER, "-std=c++20", "-fsyntax-only", *FLAGS, f"-I{TREE}/include", WORK + "/all.cpp"]]
    while trials:  # the last of them, until it succeeds; what of a build fails is tried before the rest is built again
        planted = plant(mutants, texts, left_out)
        tried = subprocess.run(trials[-1], capture_output=True, text=True, cwd=BUILD)
        if tried.returncode == 0:
            trials.pop()
            continue
        found = culprits(tried.stdout + tried.stderr, planted) - left_out
        if not found:
            raise SystemExit("mutants: this does not compile, and no mutant is to blame:\n" + tried.stdout + tried.stderr)
        left_out |= found
        write(listed, "".join(key + "\n" for key in sorted(left_out)))
        print(f"{len(left_out)} cannot be wrapped", flush=True)
        if trials[-1] is ninja:
            with open(BUILD + "/compile_commands.json", encoding="utf-8") as file:
                commands = {one["output"]: one["command"] for one in json.load(file)}
            for failed in re.findall(r"^FAILED: (\S+\.o)", tried.stdout, re.M):
                trials.append(["sh", "-c", commands[failed] + " -fsyntax-only -fno-color-diagnostics"])
    return left_out


# The tests

Case = collections.namedtuple("Case", "binary file name seconds reached")


def pattern(name):
    return re.sub(r"[,\\*\"]", "?", name)


def limits(seconds=resource.RLIM_INFINITY, memory=MEMORY):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


def run(command, seconds, memory=MEMORY, **environment):
    """`killed`, `timeout` or `survived`. The seconds are the processor's, so that a busy machine kills nothing; what it does
    kill, for want of memory or of an hour, ends the run."""
    done = subprocess.run(command, env={**os.environ, **environment}, preexec_fn=lambda: limits(int(seconds) + 1, memory),
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=3600)
    if done.returncode == -signal.SIGKILL:
        raise SystemExit(f"mutants: killed from outside: {' '.join(command)}")
    if done.returncode == -signal.SIGXCPU:
        return "timeout"
    return "killed" if done.returncode != 0 else "survived"


@functools.cache
def passes_without(*command):
    """Whether a batch is as it should be without a mutant: else it would kill each."""
    return run(list(command), 600, MUTANT="0") == "survived"


def baseline():
    """Each test case, and what it comes by: recorded for each binary once."""
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
    """The header's own tests first, then some others, then more and longer ones, up to eight seconds; no others of more
    than half a second."""
    own = own_tests(mutant.file)
    left = sorted((case for case in cases if case.seconds <= 0.5 or case.file == own),
                  key=lambda case: (case.seconds > 0.5, case.file != own, case.binary != BINARIES[0], case.seconds))
    limit, spent = 0.04, 0.0
    while left and spent < 8:
        batch, total = [], 0.0
        kind = left[0].binary, left[0].file == own
        while left and (left[0].binary, left[0].file == own) == kind and (not batch or total + left[0].seconds <= limit):
            batch.append(left.pop(0))
            total += batch[-1].seconds
        yield batch, total
        spent += total
        limit = min(limit * 5, 8)


def judge(mutant, cases):
    for batch, seconds in batches(mutant, cases):
        files = ",".join(sorted({"*" + pattern(case.file) for case in batch}))
        command = [f"{BUILD}/tests/{batch[0].binary}", "--abort-after=1", "--no-intro=true",
                   "--source-file=" + files, "--test-case=" + ",".join(pattern(case.name) for case in batch)]
        result = run(command, 2 + 5 * seconds, MUTANT=str(mutant.number))
        if result != "survived":
            if not passes_without(*command):
                raise SystemExit(f"mutants: does not pass without a mutant: {' '.join(command)}")
            return result, f"{batch[0].binary}: {batch[0].file}"
    return "survived", "at run time"


# A mutant by itself

def compiled(file, flags, output, overlay):
    """Compiles one file of the tests, with the headers of `overlay` before the others; the first error, or None."""
    optimized = "-O1" if file.startswith("detail/") else "-O0"  # for tests that take long
    command = [COMPILER, "-std=c++20", optimized, "-w", *flags, f"-I{overlay}", f"-I{ROOT}/include", f"-I{ROOT}/tests",
               f"-I{ROOT}", f"-I{BUILD}/tests/unit.p", f'-DWEFT_ROOT="{ROOT}"', "-c", f"{ROOT}/tests/{file}", "-o", output]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limits)
    errors = re.findall(r"^(?:.*: )?(?:fatal )?error: .*", done.stderr, re.M)
    if done.returncode != 0 and (not errors or "clang frontend command failed" in done.stderr):
        raise SystemExit(f"mutants: {COMPILER} failed: {' '.join(command)}\n{done.stderr}")
    return None if done.returncode == 0 else errors[0]


@functools.cache
def support(flags):
    """What each test is linked with."""
    objects = []
    for name in ("allocation", "main"):
        objects.append(f"{WORK}/{name}{'-sanitized' if flags else ''}.o")
        if compiled(f"support/{name}.cpp", flags, objects[-1], ROOT + "/include"):
            raise SystemExit(f"mutants: tests/support/{name}.cpp does not compile")
    return objects


def own_tests(file):
    if file == "weft.hpp":
        return "promises.cpp"
    return re.sub(r"\.(hpp|inl)$", ".cpp", file).replace("detail/kernel.cpp", "detail/kernels.cpp")


def verdict(file, width, processor, chosen, overlay):
    """What becomes of that file of the tests, or of the cases chosen, with vectors up to that width and the headers of
    `overlay`."""
    native = processor == "native"
    flags = SANITIZED if native else ()
    widest = () if width == "64" else (f"-DWEFT_WIDEST_VECTOR={width}",)
    error = compiled(file, ("-Wno-c++11-narrowing", *flags, *widest), overlay + "/test.o", overlay)
    if error is not None:  # of the tests that a compiler runs, or of what is no C++
        judged = re.search("static assertion failed|static_assert expression is not|constant expression$", error)
        return ("killed", f"compiler: {file}") if judged else ("invalid", "is no C++")
    with open(f"{ROOT}/tests/{file}", encoding="utf-8") as source:  # what the test takes the place of
        wraps = sorted({f"-Wl,--wrap={name}" for name in re.findall(r"\b__wrap_(\w+)\(", source.read())})
    link = subprocess.run([COMPILER, *flags, overlay + "/test.o", *support(flags), *wraps, "-lz", "-ldeflate", "-o",
                           overlay + "/test"], capture_output=True)
    if link.returncode != 0:
        return "killed", f"linker: {file}"
    command = [overlay + "/test", "--abort-after=1", *chosen]
    if not native:
        command = ["qemu-x86_64", "-cpu", processor, *command,
                   "--test-case-exclude=*that its system says it has,*each kernel*"]
    result = run(command, 120, resource.RLIM_INFINITY, ASAN_OPTIONS=f"hard_rss_limit_mb={MEMORY >> 20}")
    return result, f"{processor}: {file}"


@functools.cache
def passes(*how):
    """Whether a file is as it should be without a mutant: else it would kill each."""
    overlay = f"{WORK}/alone/none-{threading.get_ident()}"
    os.makedirs(overlay, exist_ok=True)
    return verdict(*how, overlay)[0] == "survived"


def alone(mutant, text, files, widths, chosen=()):
    """Compiles some tests with that mutant for real, and runs them or those chosen; those of detail/ with vectors up to
    some widths."""
    overlay = f"{WORK}/alone/{threading.get_ident()}"
    shutil.rmtree(overlay, ignore_errors=True)
    write(f"{overlay}/weft/{mutant.file}", text[: mutant.start] + mutant.real_statement + text[mutant.end:])
    hows = [(file, width, "native", chosen) for file in files
            for width in (widths if file.startswith("detail/") else ("64",))]
    if mutant.file in FOR_PROCESSORS:
        hows += [(files[0], "64", processor, chosen) for processor in PROCESSORS[1:]]
    for how in hows:
        result, by = verdict(*how, overlay)
        if result not in ("survived", "invalid") and not passes(*how):
            raise SystemExit(f"mutants: tests/{how[0]} does not pass by itself without a mutant, {how[2]}, {how[1]}")
        if result != "survived":
            return result, by
    return "survived", "alone: " + " ".join(files)


class Results:
    """One line a mutant: its key, what became of it, and by what. Kept at once, so that a run may stop anywhere."""

    def __init__(self, name):
        self.name = name
        self.lock = threading.Lock()
        self.known = {}
        for line in lines_of(name):
            key, result, by = line.split("\t")
            self.known[key] = result, by

    def add(self, key, result, by):
        with self.lock:
            self.known[key] = result, by
            with open(self.name, "a", encoding="utf-8") as file:
                file.write(f"{key}\t{result}\t{by}\n")


def each(todo, work, until):
    """As many at a time as there are processors, until the time is over."""
    left = collections.deque(todo)

    def worker():
        while time.time() < until:
            try:
                one = left.popleft()
            except IndexError:
                return
            work(one)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in [pool.submit(worker) for _ in range(os.cpu_count())]:
            done.result()


ROOMS = ("frame", "connection", "handshake", "deflate", "detail")


def room(mutant):
    name = mutant.file.split("/")[0]
    return ROOMS.index(name) if name in ROOMS else len(ROOMS)


def neighbours(mutants, cases):
    """For each header the tests to compile with a mutant that cannot be chosen at run time: its own, and outside detail/
    three that come by most of the others in it and do not take long."""
    home = {m.number: m.file for m in mutants}
    seconds, reached = collections.Counter(), collections.defaultdict(collections.Counter)
    for case in cases:
        if case.binary == BINARIES[0]:
            seconds[case.file] += case.seconds
            for number in case.reached:
                reached[home[number]][case.file] += 1
    found = {}
    for file in {m.file for m in mutants}:
        own = own_tests(file)
        others = [name for name, _ in reached[file].most_common() if name != own and seconds[name] < 2]
        found[file] = [own] + ([] if file.startswith("detail/") else others[:3])
    return found


def quick_ones(file, cases):
    """Of a file's cases those that come by a mutant, the shortest first, until they take four seconds."""
    own = [case for case in cases if case.file == file and case.binary == BINARIES[0]]
    own.sort(key=lambda case: case.seconds)
    spent = itertools.accumulate(case.seconds for case in own)
    names = [pattern(case.name) for case, until in zip(own, spent) if until <= 4 or case is own[0]]
    return ("--test-case=" + ",".join(names),)


def reasons():
    """Why each of the listed survivors is none that a test could kill: what the line that begins with # above it says."""
    known, reason = {}, ""
    for line in lines_of(ROOT + "/tests/mutants/survivors.txt"):
        if line.startswith("# "):
            reason = line[2:]
        elif line:
            known[line] = reason
    return known


def report(wanted, results):
    """A table, the survivors, and the last line. Less than 95 % is a failure."""
    table = collections.defaultdict(collections.Counter)
    known, listed, new = reasons(), [], []
    for m in wanted:
        result = results.known.get(m.key, ("left", ""))[0]
        table[m.file][result] += 1
        table["all"][result] += 1
        if result == "survived":
            (listed if m.key in known else new).append(m)
    print(f"{'header':30} {'mutants':>8} {'killed':>8} {'survived':>9} {'%':>6}")
    for file in [*(file for file in table if file != "all"), "all"]:
        row = table[file]
        killed = row["killed"] + row["timeout"]
        of = killed + row["survived"]
        print(f"{file:30} {of:8} {killed:8} {row['survived']:9} {100 * killed / max(of, 1):6.1f}")
    row = table["all"]
    print(f"{row['timeout']} of them were killed by a timeout; {row['invalid']} more are no C++; {row['left']} are left "
          "for the next run")
    for m in new:
        print(f"SURVIVED: {m.key}")
    wrong = [key for key in known if results.known.get(key, ("", ""))[0] in ("killed", "timeout", "invalid")]
    for key in wrong:
        print(f"LISTED, but killed: {key}")
    print(f"{len(listed)} survivors are listed with a reason, {len(new)} are not")
    killed = row["killed"] + row["timeout"]
    print(f"{killed} passed, {len(new) + len(wrong)} failed")
    return not new and not wrong and not row["left"] and 100 * killed >= 95 * (killed + row["survived"])


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=1e9)
    options.add_argument("--constants", type=int, default=1, metavar="N")
    options.add_argument("headers", nargs="*")
    chosen = options.parse_args()
    until = time.time() + chosen.seconds
    os.makedirs(WORK, exist_ok=True)
    mutants, texts = mutate.find(ROOT + "/include", [[], ["-DWEFT_WIDEST_VECTOR=0"]])
    for header in chosen.headers:
        if header not in texts:
            raise SystemExit(f"mutants: there is no include/weft/{header}")
    copy_tree()
    left_out = build(mutants, texts)
    results = Results(f"{WORK}/results-{tree()}.tsv")
    cases = baseline()
    by_mutant = collections.defaultdict(list)
    for case in cases:
        for number in case.reached:
            by_mutant[number].append(case)
    wanted = sorted((m for m in mutants if not chosen.headers or m.file in chosen.headers), key=room)
    wrapped = [m for m in wanted if m.key not in left_out and by_mutant[m.number]]
    chosen_at_run_time = {m.number for m in wrapped}
    constants = [m for m in wanted if m.number not in chosen_at_run_time]
    sample = [m for m in constants if zlib.crc32(m.key.encode()) % chosen.constants == 0]
    left_alone = {m.number for m in constants} - {m.number for m in sample}
    print(f"{len(wrapped)} mutants are chosen at run time; of {len(constants)} that cannot be, {len(sample)} are "
          "compiled alone", flush=True)
    wanted = [m for m in wanted if m.number not in left_alone]

    def alive_among_all(m):
        results.add(m.key, *judge(m, by_mutant[m.number]))

    def alive_alone(m):
        how = near[m.file], ("64", "0")
        if by_mutant[m.number]:
            how = near[m.file][:1], ("64",), quick_ones(near[m.file][0], by_mutant[m.number])
        files = [file for file in how[0] if os.path.exists(f"{ROOT}/tests/{file}")]
        results.add(m.key, *alone(m, texts[m.file], files, *how[1:]))

    near = neighbours(mutants, cases)
    support(SANITIZED)
    support(())
    each([m for m in wrapped if m.key not in results.known], alive_among_all, until)
    unsure = [m for m in wrapped if results.known.get(m.key) == ("survived", "at run time")]
    each([m for m in sample if m.key not in results.known] + unsure, alive_alone, until)
    return 0 if report(wanted, results) else 1


if __name__ == "__main__":
    sys.exit(main())
