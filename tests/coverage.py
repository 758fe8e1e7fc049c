# SPDX-License-Identifier: MIT
"""coverage.py HEADERS DIRECTORY: what coverage.sh gathered, as one report; fails where anything is left out.

A place in a header counts once, however often templates and widths of vectors make it anew: it is covered where one of
them is. So llvm-cov's own sums, which take the best of them, will not do. A pair that shows MC/DC is of one of them.
"""
import pathlib
import re
import sys

SOURCE = re.compile(r"[ |]*?(\d+)\| *([\d.]*[kMGTPE]?)\|(.*)")
BRANCH = re.compile(r"[ |]*Branch \((\d+):(\d+)\): \[(?:True: (\S+), False: (\S+)|Folded.*)\]")
DECISION = re.compile(r"[ |]*---> MC/DC Decision Region \((\d+):(\d+)\)")
CONDITION = re.compile(r"[ |]*Condition C(\d+) --> \((\d+):(\d+)\)")
PAIR = re.compile(r"[ |]*C(\d+)-Pair: (\w+)")

# What a processor may lack and qemu has not either: by the name in /proc/cpuinfo, the namespace, and what a line shows.
LACKING = {"avx512bw": ("simd64", r"WEFT_TARGET_64|has_vectors<64>|Bytes == 64"), "sha_ni": ("sha", r"WEFT_TARGET_SHA|sha::")}


def read(report, headers, header=None):
    """Each place of a report as (header, line, what), and whether it is covered; None where the compiler decides."""
    places, decision, conditions = {}, None, {}

    def add(line, what, covered):
        place = (header, int(line), what)
        places[place] = covered if places.get(place) is None else places[place] or bool(covered)

    for text in report.read_text(encoding="utf-8").splitlines():
        if text.startswith(f"{headers}/"):
            header = str(pathlib.Path(text.rstrip(":")).relative_to(headers))
        elif found := SOURCE.match(text):
            # Of an `if constexpr` what is behind it is counted, and not always that line itself.
            if found[2] and not re.search(r"if constexpr [^;]*$", found[3]):
                add(found[1], "line", found[2] != "0")
        elif found := BRANCH.match(text):
            line, column, true, false = found.groups()
            add(line, f"column {column} is never true", true and true != "0")
            add(line, f"column {column} is never false", false and false != "0")
        elif found := DECISION.match(text):
            decision = "{}:{}".format(*found.groups())
        elif found := CONDITION.match(text):
            conditions[found[1]] = found.groups()[1:]
        elif found := PAIR.match(text):
            line, column = conditions[found[1]]
            covered = None if found[2] == "constant" else found[2] == "covered"
            add(line, f"column {column} never decides {decision}", covered)
    return places


def regions(lines, begin, end):
    """Numbers of the lines from each that matches one pattern to the next that matches another."""
    inside, numbers = False, set()
    for number, line in enumerate(lines, 1):
        inside = inside or bool(re.search(begin, line))
        if inside:
            numbers.add(number)
        inside = inside and not re.search(end, line)
    return numbers


def statements(lines):
    """Numbers of the lines that hold one, as far as a line tells; of no declaration."""
    code = [re.sub(r"//.*", "", line) for line in lines]
    pattern = r"^ *(\}? ?else )?(return|if(?! constexpr)|for|while|switch|do)\b|\).*\{ .*; \}$"
    return {number for number, line in enumerate(code, 1) if re.search(pattern, line)}


def compiled(output):
    """(file, line) of all that the preprocessor leaves."""
    left, file, number = set(), None, 0
    for text in output.read_text(encoding="utf-8").splitlines():
        if found := re.match(r'# (\d+) "(.*?)"', text):
            number, file = int(found[1]), found[2]
            continue
        if text.strip():
            left.add((file, number))
        number += 1
    return left


def main(headers, work):
    sources = {str(path.relative_to(headers)): path.read_text(encoding="utf-8").splitlines()
               for path in sorted(headers.rglob("*.*"))}
    places = read(work / "all.txt", headers)
    own = {}
    for report in (work / "own").rglob("*.txt"):  # which names no file where there is only one
        header = str(report.relative_to(work / "own").with_suffix(""))
        own |= {place: covered for place, covered in read(report, headers, header).items() if place[2] == "line"}

    # A decision that is nested in another llvm-cov leaves out of MC/DC: its operands are branches and no conditions.
    conditions = {(header, line, what.split()[1]) for header, line, what in places if "decides" in what}
    for header, line, what in list(places):
        column = what.split()[1] if what.endswith("is never true") else None
        if column and (header, line, column) not in conditions:
            before = sources[header][line - 1][:int(column) - 1].rstrip("(! ") or sources[header][line - 2]
            if before.endswith(("&&", "||")):
                places[header, line, f"column {column} never decides, for it is nested"] = False

    # Statements that llvm-cov does not know: of others, of the compiler alone, or in a template that is never made.
    preprocessed = compiled(work / "compiled.txt")
    of_others = of_compiler = 0
    for header, lines in sources.items():
        at_compile_time = regions(lines, r"consteval|(= |static_assert\()\[\] \{", r"^\}")
        for number in sorted(statements(lines)):
            if (str(headers / header), number) not in preprocessed:
                of_others += 1
            elif number in at_compile_time and (header, number, "line") not in places:
                of_compiler += 1
            else:
                places.setdefault((header, number, "line"), False)

    flags = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    for flag, (namespace, shown) in LACKING.items():
        if flag in flags:
            continue
        there = {(header, number) for header, lines in sources.items()
                 for number in regions(lines, rf"^namespace {namespace} \{{", rf"^\}}  // namespace {namespace}")
                 | regions(lines, rf"^({shown})", r"^\}") | regions(lines, shown, "")}
        missed = [(which, place) for which in (places, own) for place, covered in which.items()
                  if covered is False and place[:2] in there]
        for which, place in missed:
            del which[place]
        print(f"coverage: not on this machine, which lacks {flag}: {len(missed)} places")

    def counted(which, kinds=""):
        covered = [covered for (_, _, what), covered in which.items() if kinds in what and covered is not None]
        return f"{sum(covered):,} of {len(covered):,}", bool(covered) and all(covered)

    for (header, line, what), covered in sorted(places.items()):
        if covered is False:
            print(f"include/weft/{header}:{line}: {'is never run' if what == 'line' else what}")
    for (header, line, _), covered in sorted(own.items()):
        if not covered:
            print(f"include/weft/{header}:{line}: is not run by the tests of its name")
    empty = set(sources) - {header for header, _, _ in places}
    constant = sum(covered is None and "decides" not in what for (_, _, what), covered in places.items()) // 2
    print(f"coverage: {len(sources)} files, without code of their own {' '.join(sorted(empty)) or 'none'}")
    print(f"coverage: left to the compiler {constant} conditions and {of_compiler} statements, "
          f"to other compilers and processors {of_others} statements")
    total = {what: counted(places, kind) for what, kind in
             {"lines": "line", "branches": "is never", "conditions of MC/DC": "decides"}.items()}
    total["lines by each header's own tests"] = counted(own)
    print("coverage: " + ", ".join(f"{count} {what}" for what, (count, _) in total.items()))
    return 0 if all(good for _, good in total.values()) else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
