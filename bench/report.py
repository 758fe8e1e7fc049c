# SPDX-License-Identifier: MIT
"""What bench/run.sh asks about its results, which lie in a directory for each build.

usage: report.py filter DIRECTORY PROGRAM [--without=PEER]...   the benchmarks of a program that the goals need
       report.py check FILE...                                  that no benchmark failed
       report.py goals DIRECTORY [--without=PEER]...            a line for each goal: name, figure, limit, met or short
       report.py write DIRECTORY BUILD... [--without=PEER]...   tables and charts
"""

import json
import pathlib
import re
import shlex
import subprocess
import sys

import chart
import results
from results import Problem

THROUGHPUT = ("GB/s", "GB/s of payload, more is better")
TIME = ("ns", "ns, less is better")
BYTES = "bytes of payload"
# The questions in the report's order: what is asked, the counter that the chart shows, and what sizes are of.
QUESTIONS = {
    "decode": ("Decoding a client's frames", THROUGHPUT, BYTES),
    "mask": ("Masking in place", THROUGHPUT, BYTES),
    "copy": ("Masking while copying", THROUGHPUT, BYTES),
    "utf8": ("Validating UTF-8", THROUGHPUT, BYTES),
    "fused": ("Unmasking and validating UTF-8", THROUGHPUT, BYTES),
    "handshake": ("A server's handshake: a request read and answered", TIME, BYTES),
    "accept-key": ("Sec-WebSocket-Accept from Sec-WebSocket-Key", TIME, BYTES),
    "encode": ("Encoding a frame", TIME, BYTES),
    "key": ("A masking key", TIME, BYTES),
    "deflate": ("Compressing JSON into a server's frames", THROUGHPUT, BYTES),
    "inflate": ("Inflating JSON from a client's frames", THROUGHPUT, BYTES),
    "hostile": ("Inflating 1 MiB of blocks that give nothing", TIME, BYTES),
    "connections": ("A frame for one of many connections", TIME, "connections"),
}


def asked(question):
    return QUESTIONS.get(question, (question, TIME, BYTES))


def question_of(name):
    return name.split("/", 1)[0]


def split(name):
    """question/input.../size/who: the inputs, the size or "", and who; a last input that has no digit is no size."""
    _, *middle, who = name.split("/")
    if middle and (re.search(r"\d", middle[-1]) or middle[-1] == "mix"):
        return middle[:-1], middle[-1], who
    return middle, "", who


def group(figures):
    """The figures by question."""
    questions = {}
    for name, figure in figures.items():
        questions.setdefault(question_of(name), {})[name] = figure
    order = list(QUESTIONS)
    return dict(sorted(questions.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))


def draw(question, figures, note):
    title, (counter, unit), sizes_are = asked(question)

    def value(name):
        if counter not in figures[name].counters:
            raise Problem(f"{name} does not count {counter}")
        return figures[name].counters[counter]

    parsed = {name: split(name) for name in figures}
    sizes = {size for _, size, _ in parsed.values()}
    if len(sizes) < 2:
        groups = {}
        for name, (inputs, size, who) in parsed.items():
            groups.setdefault(", ".join([*inputs, *[size] * bool(size)]), []).append((who, value(name)))
        return chart.points(title, note, groups, unit)

    panels = {}
    for name, (inputs, size, who) in parsed.items():
        panel = panels.setdefault(tuple(inputs), chart.Panel(", ".join(inputs)))
        panel.lines.setdefault(who, []).append((size, value(name)))
    if all(len(key) == 2 for key in panels):
        rows = list(dict.fromkeys(key[1] for key in panels))
        columns = list(dict.fromkeys(key[0] for key in panels))
        grid = [[panels.get((column, row)) for column in columns] for row in rows]
    else:
        across = 3 if len(panels) % 3 == 0 else 2
        every = list(panels.values())
        grid = [every[i:i + across] for i in range(0, len(every), across)]
    return chart.lines(title, note, grid, unit, sizes_are)


def table(header, rows):
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def matrix(corner, cells, last=()):
    """Benchmarks as a table: a row for each case, a column for each that was measured, and one more if there is a `last`."""
    whos = list(dict.fromkeys(split(name)[2] for name in cells))
    cases = dict.fromkeys(name.rsplit("/", 1)[0] for name in cells)
    rows = [[f"`{case}`", *(cells.get(f"{case}/{who}", "") for who in whos)] for case in cases]
    if last:
        rows = [[*row, last[1](case)] for row, case in zip(rows, cases)]
    return table([corner, *whos, *last[:1]], rows)


def times(figures):
    """The times of one question."""

    def spread(case):
        return f"{max(figure.spread for name, figure in figures.items() if name.rsplit('/', 1)[0] == case):.0%}"

    return matrix("ns", {name: chart.short(figure.ns) for name, figure in figures.items()}, ("spread", spread))


def counters(figures):
    """What the benchmarks of one question count, but rates."""
    names = list(dict.fromkeys(key for figure in figures.values() for key in figure.counters if key not in ("ns", "GB/s")))
    if not names:
        return ""
    rows = [[f"`{name}`", *(chart.short(figure.counters[key]) if key in figure.counters else "" for key in names)]
            for name, figure in figures.items() if figure.counters.keys() & set(names)]
    return "\n" + table(["counted", *names], rows)


def instructions(directory):
    """What callgrind counted, if it did."""
    page = []
    for program, title, beside in (("decode", "Decoding", None), ("deflate", "permessage-deflate", "zlib")):
        file = directory / f"instructions-{program}.tsv"
        if not file.exists():
            continue
        counted = {name: int(count) for name, count in
                   (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines())}

        def ratio(case):
            own = counted[f"{case}/weft"] - counted.get(f"{case}/memcpy", 0)
            return f"{own / counted[f'{case}/{beside}']:.3f}"

        page += [f"## {title}, counted in instructions\n",
                 "Of a frame, by callgrind. The copy into the receive buffer is in it; `memcpy` is that alone.\n",
                 matrix("instructions", {name: str(count) for name, count in counted.items()},
                        ("weft : zlib", ratio) if beside else ())]
    return page


def judged(goals, directory, without):
    """Each goal with its figure, whether it is met, and the worst case; or None, None and the reason."""
    figures = results_in(directory)
    names = [name for listed in listed_in(directory).values() for name in listed]
    for goal in goals:
        reason = goal.absent(names, without)
        if reason:
            yield goal, None, None, reason
        else:
            value, case = goal.judge(names, figures)
            yield goal, value, value <= goal.limit, case


def listed_in(directory):
    """Of each program, what it can measure: {name: as Google Benchmark calls it}."""
    return {file.stem: {results.name_of(line): line for line in file.read_text(encoding="utf-8").split()}
            for file in sorted(directory.glob("*.names"))}


def results_in(directory):
    files = sorted(directory.glob("*.json"))
    return results.read_results(file for file in files if file.name != "compile_commands.json")


def print_goals(directory, without):
    for goal, value, met, case in judged(results.read_goals(), directory, without):
        limit = f"{goal.limit:g}"
        if value is None:
            print(goal.name, "-", limit, "absent", sep="\t")
            print(f"{goal.name}: absent, {case}", file=sys.stderr)
        else:
            print(goal.name, results.number(value), limit, "met" if met else "short", sep="\t")
            if goal.cases > 1:
                print(f"{goal.name}: the worst of {goal.cases} is {case}", file=sys.stderr)


def print_filter(directory, program, without):
    listed = listed_in(directory)
    every = [name for names in listed.values() for name in names]
    wanted = set()
    for goal in results.read_goals():
        if not goal.absent(every, without):
            for name, others in goal.pairs(every):
                wanted |= {name, *others}
    mine = [re.sub(r"([^\w/:-])", r"\\\1", called) for name, called in listed[program].items() if name in wanted]
    if mine:
        print(f"^({'|'.join(mine)})$")


def said_by(*command):
    """The first line of what a command says, or ""."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return (done.stdout.splitlines() or [""])[0]


def built_with(directory):
    """The compiler and its flags, as they were for the first program."""
    commands = json.loads((directory / "compile_commands.json").read_text(encoding="utf-8"))
    words = shlex.split(next(entry["command"] for entry in commands if entry["file"].endswith("versus/weft.cpp")))
    compiler = next(word for word in words if "ccache" not in word)
    flags = [word for word in words if re.match(r"-(O|m|std=|DNDEBUG|flto)", word)]
    return said_by(compiler, "--version") or compiler, " ".join(flags)


def processor():
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    match = re.search(r"^model name\s*: (.*)", cpuinfo, re.MULTILINE)
    return match[1] if match else "an unknown processor"


def contexts(directory):
    """What each program said of the machine and of itself."""
    files = [file for file in directory.glob("*.json") if file.name != "compile_commands.json"]
    return [json.loads(file.read_text(encoding="utf-8"))["context"] for file in files]


def load(contexts):
    """When the programs began: the lowest and the highest."""
    loads = [context["load_avg"][0] for context in contexts if context.get("load_avg")]
    return f"{min(loads):.1f} to {max(loads):.1f}" if loads else "unknown"


def write(directory, builds, without):
    goals = results.read_goals()
    here = pathlib.Path(__file__).resolve().parent
    version = said_by("git", "-C", str(here), "describe", "--always", "--dirty")
    about = {}
    columns = {}
    for build in builds:
        figures = results_in(directory / build)
        columns[build] = list(judged(goals, directory / build, without))
        compiler, flags = built_with(directory / build)
        said = contexts(directory / build)
        date = min(context["date"] for context in said)
        about[build] = [f"[{build}]({build}/report.md)", compiler, f"`{flags}`", date, load(said)]
        note = f"{compiler}, {flags}; {processor()}; {date}; load {load(said)}"
        page = [f"# Benchmarks, {build}\n", note + "\n",
                "Times are medians; the spread is half of the distance between the quartiles, that of the worst in its row.\n"]
        for question, of_question in group(figures).items():
            (directory / build / f"{question}.svg").write_text(draw(question, of_question, note), encoding="utf-8")
            page += [f"## {asked(question)[0]}\n", f"![{question}]({question}.svg)\n",
                     times(of_question) + counters(of_question)]
        page += instructions(directory / build)
        (directory / build / "report.md").write_text("\n".join(page), encoding="utf-8")

    rows = []
    for i, goal in enumerate(goals):
        found = [columns[build][i] for build in builds]
        cells = ["absent" if value is None else f"{results.number(value)} {'met' if met else '**short**'}"
                 for _, value, met, _ in found]
        case = found[0][3]
        rows.append([goal.name, f"{goal.limit:g}", *cells, case if found[0][1] is None else f"`{case}`"])
    page = ["# Benchmarks\n", f"weft {version or 'of no known version'} on {processor()}.\n",
            table(["build", "compiler", "flags", "date", "load"], about.values()),
            f"There were: {said[0].get('peers', 'unknown')}.\n",
            f"Absent: {said[0].get('absent', 'unknown')}.\n",
            "## Goals\n", "A ratio is weft's time divided by the other's: the median of the one by the median of the other. "
            "The worst case is that of the first build.\n",
            table(["goal", "at most", *builds, "worst case"], rows)]
    (directory / "report.md").write_text("\n".join(page), encoding="utf-8")


def main(arguments):
    without = [argument.removeprefix("--without=") for argument in arguments if argument.startswith("--without=")]
    words = [argument for argument in arguments if not argument.startswith("--without=")]
    if len(words) == 3 and words[0] == "filter":
        print_filter(pathlib.Path(words[1]), words[2], without)
    elif len(words) >= 2 and words[0] == "check":
        results.read_results(words[1:])
    elif len(words) == 2 and words[0] == "goals":
        print_goals(pathlib.Path(words[1]), without)
    elif len(words) >= 3 and words[0] == "write":
        write(pathlib.Path(words[1]), words[2:], without)
    else:
        print(__doc__.split("\n\n", 1)[1].rstrip(), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Problem as problem:
        print(f"report.py: {problem}", file=sys.stderr)
        sys.exit(1)
