# SPDX-License-Identifier: MIT
"""docs/conformance.md against the tree: each row has its header and its tests, and each test that names a row its row.

usage: conformance.py
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = "docs/conformance.md"
GUIDE = "docs/guide.md"
BUILT = "tests/meson.build"

FAMILIES = "HP UR SH CH FR MK FG CT CL UT EX PD H2 SE".split()
ID = re.compile(rf"\b(?:{'|'.join(FAMILIES)})-\d+\b")
# One in a comment does not begin its line; a long name may lie in several literals.
TEST_CASE = re.compile(r'^[ \t]*TEST_CASE\(\s*((?:"(?:[^"\\\n]|\\.)*"\s*)+)\)', re.MULTILINE)

passed = 0
problems = []


def check(holds, problem):
    """Counts one check, or keeps what is wrong."""
    global passed
    if holds:
        passed += 1
    else:
        problems.append(problem)


def names_of_tests():
    """The names of all test cases, by file below tests/."""
    names = {}
    for file in sorted((ROOT / "tests").rglob("*.cpp")):
        found = TEST_CASE.findall(file.read_text(encoding="utf-8"))
        literals = [re.findall(r'"((?:[^"\\\n]|\\.)*)"', name) for name in found]
        names[file.relative_to(ROOT / "tests").as_posix()] = ["".join(parts) for parts in literals]
    return names


class Row:
    """A line of a group's table."""

    def __init__(self, line):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        self.name = cells[0]
        check(len(cells) == 5 and all(cells), f"{self.name}: not five cells: {line}")
        headers, where = (cells + [""] * 5)[3:5]
        self.headers = self.listed(headers, "-")
        self.planned = where == "planned"
        places = self.listed(where, "planned")
        self.sections = [place for place in places if place.startswith(GUIDE)]
        self.tests = [place for place in places if place not in self.sections]

    def listed(self, cell, none):
        """What stands in a cell between backticks, where the cell is not the word for nothing."""
        names = re.findall(r"`([^`]+)`", cell)
        well_formed = cell == (", ".join(f"`{name}`" for name in names) or none)
        check(well_formed, f"{self.name}: neither {none} nor a list in backticks: {cell}")
        return names


def groups_of_rows(page):
    """The rows of each group, in the page's order."""
    groups = {}
    rows = None  # of the group that the line is in
    for line in page.splitlines():
        if line.startswith("## "):
            heading = re.fullmatch(r"## (\w\w): .+", line)
            rows = groups.setdefault(heading[1], []) if heading else None
        elif rows is not None and line.startswith("|") and not line.startswith(("| row ", "|---")):
            rows.append(Row(line))
    return groups


def check_row(row, tests, built, sections):
    for header in row.headers:
        check((ROOT / "include/weft" / header).is_file(), f"{row.name}: there is no header {header}")
    for section in row.sections:
        check(section in sections, f"{row.name}: there is no section {section}")
    for file in row.tests:
        named = any(row.name in ID.findall(name) for name in tests.get(file, []))
        check(file in tests, f"{row.name}: there is no test {file}")
        check(named or file not in tests, f"{row.name}: no test case in {file} names it")
        check(f"'{file}'" in built or file not in tests, f"{row.name}: {BUILT} does not build {file}")
    if row.planned:
        having = [file for file, names in tests.items() if any(row.name in ID.findall(name) for name in names)]
        check(not having, f"{row.name}: planned, and yet there is a test in {', '.join(having)}")


def tell(groups, tests):
    print("group  rows  tested  documented  planned")
    total = [0, 0, 0, 0]
    for name, rows in groups.items():
        tested = sum(bool(row.tests) for row in rows)
        planned = sum(row.planned for row in rows)
        figures = [len(rows), tested, len(rows) - tested - planned, planned]
        total = [sum(both) for both in zip(total, figures)]
        print("{:5}{:6}{:8}{:12}{:9}".format(name, *figures))
    print("{:5}{:6}{:8}{:12}{:9}".format("all", *total))
    names = [name for all_names in tests.values() for name in all_names]
    print(f"{sum(bool(ID.search(name)) for name in names)} of {len(names)} test cases name rows")


def main():
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    guide = (ROOT / GUIDE).read_text(encoding="utf-8")
    sections = [f"{GUIDE}#{number}" for number in re.findall(r"^## (\d+)\. ", guide, re.MULTILINE)]
    built = (ROOT / BUILT).read_text(encoding="utf-8")
    tests = names_of_tests()
    groups = groups_of_rows(page)
    rows = [row for group in groups.values() for row in group]
    known = {row.name for row in rows}

    check(list(groups) == FAMILIES, f"the groups are {' '.join(groups)}, and not {' '.join(FAMILIES)}")
    for family, group in groups.items():
        for number, row in enumerate(group, 1):
            expected = f"{family}-{number:02}"
            check(row.name == expected, f"{row.name}: there twice or out of order, for here {expected} is due")
    said = f"{len(rows)} rows in {len(groups)} groups"
    check(said in page, f"the page does not say that there are {said}")
    for row in rows:
        check_row(row, tests, built, sections)
    for name in sorted(set(ID.findall(page))):
        check(name in known, f"{name}: spoken of in {PAGE}, and no row")
    for file, names in tests.items():
        for name in names:
            for one in ID.findall(name):
                check(one in known, f'{one}: no row, but in {file}: "{name}"')

    tell(groups, tests)
    for problem in problems:
        print("FAILED", problem)
    if problems:
        sys.exit(1)
    print(passed, "checks passed")


if __name__ == "__main__":
    main()
