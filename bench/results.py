# SPDX-License-Identifier: MIT
"""What the benchmarks measured, and the goals of goals.tsv held against it."""

import json
import pathlib
import re
import statistics
from dataclasses import dataclass

GOALS = pathlib.Path(__file__).resolve().parent / "goals.tsv"
# What Google Benchmark itself puts behind a name.
SUFFIX = re.compile(r"(/(min_time|min_warmup_time|iterations|repeats|threads):[^/]*|/(manual|real|process)_time)+$")

NEEDS = {"two-pass": ["simdutf"]}  # peers by another name


class Problem(Exception):
    """Something that ends the program with a line that says it."""


@dataclass
class Figure:
    """A benchmark's median over its repetitions."""

    spread: float  # of the time: half of the distance between the quartiles, as a part of the median
    counters: dict

    @property
    def ns(self):
        return self.counters["ns"]


def name_of(text):
    return SUFFIX.sub("", text)


def read_results(files):
    """The figures of all benchmarks in some of Google Benchmark's JSON files, in the order of registration."""
    figures = {}
    for file in files:
        try:
            runs = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))["benchmarks"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Problem(f"{file}: not the results of a benchmark: {error}") from error
        runs = [run for run in runs if run["run_type"] == "iteration"]
        if not runs:
            raise Problem(f"{file}: no benchmark ran")
        runs.sort(key=lambda run: (run["family_index"], run["per_family_instance_index"]))
        by_name = {}
        for run in runs:
            if run.get("error_occurred"):
                raise Problem(f"{run['name']}: {run['error_message']}")
            by_name.setdefault(name_of(run["name"]), []).append(run)
        for name, repetitions in by_name.items():
            if name in figures:
                raise Problem(f"{file}: a second benchmark of the name {name}")
            figures[name] = figure(name, repetitions)
    return figures


def figure(name, repetitions):
    known = {"family_index", "per_family_instance_index", "repetitions", "repetition_index", "threads", "iterations",
             "real_time", "cpu_time"}
    counters = {key: statistics.median(run[key] for run in repetitions) for key, value in repetitions[0].items()
                if key not in known and isinstance(value, (int, float))}
    if counters.get("ns", 0) <= 0:
        raise Problem(f"{name}: it does not count the nanoseconds of what it does, or they are not above 0")
    times = [run["ns"] for run in repetitions]
    quartiles = statistics.quantiles(times, method="inclusive") if len(times) > 1 else times * 3
    return Figure((quartiles[2] - quartiles[0]) / 2 / counters["ns"], counters)


@dataclass
class Goal:
    """A row of goals.tsv."""

    name: str
    measure: str
    ours: str
    theirs: str
    cases: int
    limit: float

    def pairs(self, names):
        """Each benchmark of ours with those that it is compared with."""
        pairs = []
        for name in names:
            match = re.fullmatch(self.ours, name)
            if match:
                theirs = re.sub(r"\\(\d)", lambda group: re.escape(match[int(group[1])]), self.theirs)
                pairs.append((name, [other for other in names if other != name and re.fullmatch(theirs, other)]))
        return pairs

    def absent(self, names, without):
        """Why the goal cannot be judged, or None; a Problem if it should be possible.

        `without` are the peers that were not built in.
        """
        pairs = self.pairs(names)
        if len(pairs) != self.cases:
            found = ", ".join(name for name, _ in pairs) or "none"
            raise Problem(f"goals.tsv: {self.name}: it takes {self.cases} benchmarks of ours; there are: {found}")
        if self.theirs == "-":
            return None  # nobody else is needed
        alone = [name for name, others in pairs if not others]
        if not alone:
            return None
        who = self.theirs.rsplit("/", 1)[1].replace("\\", "")
        options = [f"-D{peer}=DIR" for peer in NEEDS.get(who, who.split("+")) if peer in without]
        if not options:
            raise Problem(f"goals.tsv: {self.name}: nothing to compare with {alone[0]}: no benchmark is named {self.theirs}")
        return f"{' and '.join(options)} not given"

    def judge(self, names, figures):
        """The figure of the worst case, and that case."""

        def counted(name):
            if name not in figures:
                raise Problem(f"goals.tsv: {self.name}: {name} was not measured")
            if self.measure not in figures[name].counters:
                raise Problem(f"goals.tsv: {self.name}: {name} does not count {self.measure}")
            return figures[name].counters[self.measure]

        worst = (-1.0, "")
        for name, others in self.pairs(names):
            if self.theirs == "-":
                # A mean, to which the one array of all connections adds its thousandths.
                worst = max(worst, (round(counted(name), 2), name))
            else:
                # Repetitions run in random order, so those of the same number are no neighbours: a ratio of medians says
                # more than a median of ratios.
                best = min(others, key=counted)
                worst = max(worst, (counted(name) / counted(best), f"{name} : {best.rsplit('/', 1)[1]}"))
        return worst


def read_goals():
    goals = []
    for number, line in enumerate(GOALS.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        try:
            name, measure, ours, theirs, cases, limit = cells
            re.compile(ours)
            goals.append(Goal(name, measure, ours, theirs, int(cases), float(limit)))
        except (ValueError, re.error) as error:
            raise Problem(f"goals.tsv:{number}: not the six columns of a goal: {error}") from error
    return goals


def number(value):
    """A ratio to three places, a count as it is."""
    return f"{value:.0f}" if value == int(value) else f"{value:.3f}"
