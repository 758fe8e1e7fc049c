# SPDX-License-Identifier: MIT
"""The mutants of include/weft: where they are in the text, and a text that holds them all.

Each is a place and what stands there instead. All of a file stand in it together, as `(alive(17) ? a <= b : a < b)`, on
the line where they were, so that one build has them all. Clang's tree says where an expression begins and ends.
"""
import dataclasses
import os
import re

from clang import cindex
from clang.cindex import CursorKind as Kind

FLIPPED = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "==": ("!=",), "!=": ("==",),
    "&&": ("||",), "||": ("&&",), "+": ("-",), "-": ("+",), "*": ("/",), "/": ("*",), "%": ("*",),
    "&": ("|",), "|": ("&",), "^": ("|",), "<<": (">>",), ">>": ("<<",),
    "+=": ("-=",), "-=": ("+=",), "*=": ("/=",), "/=": ("*=",), "|=": ("&=",), "&=": ("|=",), "^=": ("|=",),
    "<<=": (">>=",), ">>=": ("<<=",),
}
COMPARISONS = {"<", "<=", ">", ">=", "==", "!="}
ALIVE = "mutants::alive({})"


@dataclasses.dataclass
class Mutant:
    file: str  # below include/weft
    start: int  # what is wrapped, in bytes of the file
    end: int
    real: str  # what stands there instead
    form: str  # how it is wrapped; see wrapped()
    shown: str  # the line with {old => new} in it
    line: int
    number: int = 0

    @property
    def real_statement(self):
        return "return {}" if self.form == "early" else self.real

    @property
    def key(self):
        return f"{self.file}: {self.shown}"


class Finder:
    """Walks a tree and collects mutants of the files under a directory."""

    def __init__(self, root):
        self.root = os.path.realpath(root) + "/"
        self.texts = {}
        self.found = {}

    def text(self, file):
        if file not in self.texts:
            with open(self.root + file, encoding="ascii") as source:
                self.texts[file] = source.read()
        return self.texts[file]

    def file_of(self, cursor):
        if cursor.location.file is None:
            return None
        name = os.path.realpath(cursor.location.file.name)
        return name[len(self.root):] if name.startswith(self.root) else None

    def collect(self, unit):
        for cursor in unit.cursor.get_children():
            if self.file_of(cursor):
                self.walk(cursor, None)

    def add(self, file, start, end, real, form, mark, new):
        """`mark` is the range that is shown as changed to `new`."""
        text = self.text(file)
        begin = text.rfind("\n", 0, mark[0]) + 1
        stop = text.find("\n", mark[1])
        old = " ".join(text[mark[0]:mark[1]].split())
        if len(old) > 80:
            old = old[:50] + " ... " + old[-25:]
        change = f"{{{old} => {new}}}" if old and new else f"{{-{old}}}" if old else f"{{+{new}}}"
        comment = text.find(" //", mark[1], stop)
        if comment != -1:
            stop = comment
        shown = " ".join((text[begin:mark[0]] + change + text[mark[1]:stop]).split())
        line = text.count("\n", 0, start) + 1
        found = Mutant(file, start, end, real, form, shown, line)
        self.found.setdefault((file, start, end, real, form), found)

    # The tree

    def walk(self, cursor, function):
        kind = cursor.kind
        if kind in (Kind.STATIC_ASSERT, Kind.CONCEPT_DECL):
            return
        file = self.file_of(cursor)
        start, end = cursor.extent.start.offset, cursor.extent.end.offset
        if file and start < end:
            self.visit(cursor, file, start, end, function)
        if kind in (Kind.FUNCTION_DECL, Kind.CXX_METHOD, Kind.FUNCTION_TEMPLATE, Kind.CONVERSION_FUNCTION):
            function = cursor.result_type.get_canonical().spelling
        elif kind in (Kind.CONSTRUCTOR, Kind.DESTRUCTOR):
            function = "void"
        elif kind is Kind.LAMBDA_EXPR:
            function = "auto"
        for child in cursor.get_children():
            self.walk(child, function)

    def visit(self, cursor, file, start, end, function):
        text = self.text(file)
        kind = cursor.kind
        children = [c for c in cursor.get_children() if self.file_of(c) == file]
        if kind in (Kind.BINARY_OPERATOR, Kind.COMPOUND_ASSIGNMENT_OPERATOR, Kind.CALL_EXPR, Kind.UNEXPOSED_EXPR):
            self.operator(file, start, end, children)
        elif kind is Kind.INTEGER_LITERAL:
            self.integer(file, start, end)
        elif kind is Kind.CHARACTER_LITERAL:
            self.character(file, start, end)
        elif kind is Kind.DECL_REF_EXPR and cursor.referenced and cursor.referenced.kind is Kind.ENUM_CONSTANT_DECL:
            self.enumerator(file, start, end, cursor.referenced)
        elif kind is Kind.CXX_BOOL_LITERAL_EXPR:
            new = "false" if text[start:end] == "true" else "true"
            self.add(file, start, end, new, "either", (start, end), new)
        elif kind is Kind.UNARY_OPERATOR and children:
            self.unary(file, start, end, children[-1])
        elif kind is Kind.CONDITIONAL_OPERATOR:
            self.condition(children[0], file)
        elif kind in (Kind.IF_STMT, Kind.WHILE_STMT):
            first = children[0]
            if first.kind.is_expression() and not re.match(r"if\s+constexpr", text[start:end]):
                self.condition(first, file)
        elif kind is Kind.DO_STMT:
            self.condition(children[-1], file)
        elif kind is Kind.FOR_STMT:
            first, second = semicolons(text, start)
            for child in children:
                if first < child.extent.start.offset < second:
                    if child.kind.is_expression():
                        self.condition(child, file)
                    break  # else it is a declaration, and what follows is its use
        elif kind is Kind.RETURN_STMT:
            self.returned(file, start, end, children, function)
        elif kind in (Kind.BREAK_STMT, Kind.CONTINUE_STMT):
            self.add(file, start, end, "", "skip", (start, end), "")
        self.statements(cursor, kind, children, file)

    def statements(self, cursor, kind, children, file):
        """Each expression that is a statement."""
        if kind is Kind.COMPOUND_STMT:
            bodies = children
        elif kind in (Kind.IF_STMT, Kind.WHILE_STMT, Kind.CXX_FOR_RANGE_STMT):
            text = self.text(file)
            bodies = [c for c in children if text[:c.extent.start.offset].rstrip()[-1:] in (")", "e")  # of "else"
                      and text[c.extent.end.offset:].lstrip()[:1] == ";"]
        elif kind is Kind.FOR_STMT:
            _, second = semicolons(self.text(file), cursor.extent.start.offset)
            bodies = [c for c in children if c.extent.start.offset > second]
        elif kind in (Kind.CASE_STMT, Kind.DEFAULT_STMT):
            bodies = children[-1:]
        else:
            return
        for body in bodies:
            if body.kind.is_expression():
                start, end = body.extent.start.offset, body.extent.end.offset
                self.add(file, start, end, "(void)0", "drop", (start, end), "")

    # The kinds of change

    def operator(self, file, start, end, children):
        text = self.text(file)
        sides = [c for c in children if not is_operator_name(text[c.extent.start.offset:c.extent.end.offset])]
        if len(sides) != 2:
            return
        left, right = sides
        parted = left.extent.end.offset <= right.extent.start.offset
        if left.extent.start.offset != start or right.extent.end.offset != end or not parted:
            return
        between = text[left.extent.end.offset:right.extent.start.offset]
        sign = re.sub(r"//[^\n]*", "", between).strip()
        if sign not in FLIPPED:
            return
        at = left.extent.end.offset + between.index(sign)
        for new in FLIPPED[sign]:
            real = f"(({text[start:left.extent.end.offset]}) {new} ({text[right.extent.start.offset:end]}))"
            self.add(file, start, end, real, "either", (at, at + len(sign)), new)
        if sign in ("&&", "||"):
            self.condition(left, file)
            self.condition(right, file)

    def unary(self, file, start, end, operand):
        text = self.text(file)
        if text[start] == "!":
            self.condition(operand, file)
        for old, new in (("++", "--"), ("--", "++")):
            if text.startswith(old, start):
                self.add(file, start, end, new + text[start + 2:end], "either", (start, start + 2), new)
            elif text[end - 2:end] == old:
                self.add(file, start, end, text[start:end - 2] + new, "either", (end - 2, end), new)
        if text[start] == "~":
            self.add(file, start, end, text[start + 1:end], "either", (start, start + 1), "")

    def condition(self, cursor, file):
        """Negates what is not made of other conditions."""
        text = self.text(file)
        start, end = cursor.extent.start.offset, cursor.extent.end.offset
        while cursor.kind in (Kind.PAREN_EXPR, Kind.UNEXPOSED_EXPR):
            inner = list(cursor.get_children())
            if len(inner) != 1:
                break
            cursor = inner[0]
        whole = text[cursor.extent.start.offset:cursor.extent.end.offset]
        if cursor.kind is Kind.CXX_BOOL_LITERAL_EXPR or whole.startswith("!"):
            return
        sides = [c for c in cursor.get_children()
                 if not is_operator_name(text[c.extent.start.offset:c.extent.end.offset])]
        if len(sides) == 2 and cursor.kind is not Kind.ARRAY_SUBSCRIPT_EXPR:
            sign = text[sides[0].extent.end.offset:sides[1].extent.start.offset].strip()
            if sign in COMPARISONS or sign in ("&&", "||"):
                return
        self.add(file, start, end, f"!bool({text[start:end]})", "negate", (start, start), "!")

    def returned(self, file, start, end, children, function):
        text = self.text(file)
        if not children:
            self.add(file, start, end, "", "skip", (start, end), "")
            return
        value = children[0]
        what = text[value.extent.start.offset:value.extent.end.offset]
        if function == "bool":
            self.condition(value, file)
        elif function == "void":
            self.add(file, start, end, "", "skip", (start, end), "")
        elif function != "auto" and not re.fullmatch(r"\{\}|true|false|0|\"\"|[\w:]*::none", what):
            self.add(file, start, end, "return {}", "early", (value.extent.start.offset, value.extent.end.offset), "{}")

    def integer(self, file, start, end):
        old = self.text(file)[start:end]
        match = re.fullmatch(r"(0[xX][0-9a-fA-F']+|0[bB][01']+|[0-9']+?)([uUlLzZ]*)", old)
        if not match:
            return  # a macro's
        digits = match[1].replace("'", "")
        number = int(digits, 8) if re.fullmatch("0[0-7]+", digits) else int(digits, 0)
        new = number - 1 if number == 2**64 - 1 else number + 1
        shown = (f"0x{new:X}" if digits[:2] in ("0x", "0X") else str(new)) + match[2]
        self.add(file, start, end, shown, "either", (start, end), shown)

    def enumerator(self, file, start, end, constant):
        """The one behind it; but not the label of a case, which two would have then."""
        text = self.text(file)
        all_of_it = [c.spelling for c in constant.semantic_parent.get_children() if c.kind is Kind.ENUM_CONSTANT_DECL]
        label = re.search(r"\bcase\s+$", text[:start])
        if label or len(all_of_it) == 1 or not text[start:end].endswith(constant.spelling):
            return
        new = all_of_it[(all_of_it.index(constant.spelling) + 1) % len(all_of_it)]
        new = text[start:end].removesuffix(constant.spelling) + new
        self.add(file, start, end, new, "either", (start, end), new)

    def character(self, file, start, end):
        old = self.text(file)[start:end]
        try:
            new = repr(chr(ord(eval(old)) + 1))  # Python writes them as C++ does
        except (SyntaxError, TypeError):
            return
        self.add(file, start, end, new, "either", (start, end), new)


def is_operator_name(text):
    return text in FLIPPED


def semicolons(text, start):
    """Where the two of a `for` at `start` are."""
    text = re.sub(r"'\\?.'", lambda literal: "x" * len(literal[0]), text)
    depth, found = 0, []
    for i in range(text.index("(", start), len(text)):
        depth += (text[i] in "([{") - (text[i] in ")]}")
        if text[i] == ";" and depth == 1:
            found.append(i)
        if depth == 0:
            return found
    return found


ORDER = {"skip": 0, "early": 0, "drop": 1, "negate": 2, "either": 3}  # of those of the same extent, outermost first


def wrapped(mutant):
    """What is put before and behind the text that a mutant replaces."""
    alive = ALIVE.format(mutant.number)
    real = " ".join(re.sub(r"//[^\n]*", "", mutant.real).split())
    return {
        "either": (f"({alive} ? ({real}) : (", "))"),
        "negate": (f"({alive} != bool(", "))"),
        "drop": (f"({alive} ? (void)0 : (void)(", "))"),
        "skip": (f"if ({alive}) {{}} else ", ""),
        "early": (f"if ({alive}) return {{}}; else ", ""),
    }[mutant.form]


def schema(text, mutants):
    """The text with all of them in it, and for each of its pieces that is a mutant's: from, to, whose."""
    out, spans, at = [], [], 0
    length = 0

    def emit(piece):
        nonlocal length
        out.append(piece)
        length += len(piece)

    open_ones = []

    def close(until):
        nonlocal at
        while open_ones and open_ones[-1][0].end <= until:
            mutant, begun, behind = open_ones.pop()
            emit(text[at:mutant.end])
            at = mutant.end
            emit(behind)
            spans.append((begun, length, mutant))

    for mutant in sorted(mutants, key=lambda m: (m.start, -m.end, ORDER[m.form], m.number)):
        close(mutant.start)
        if open_ones and mutant.end > open_ones[-1][0].end:
            raise ValueError(f"{mutant.key} overlaps {open_ones[-1][0].key}")
        before, behind = wrapped(mutant)
        emit(text[at:mutant.start])
        at = mutant.start
        open_ones.append((mutant, length, behind))
        emit(before)
    close(len(text))
    emit(text[at:])
    return "".join(out), spans


def find(include, arguments):
    """All mutants under include/weft, in the order of the text, and the text of each file."""
    index = cindex.Index.create()
    finder = Finder(include + "/weft")
    headers = sorted(
        os.path.relpath(os.path.join(path, name), include)
        for path, _, names in os.walk(include + "/weft") for name in names if name.endswith(".hpp"))
    for header in headers:
        finder.text(header.removeprefix("weft/"))
    source = "".join(f"#include <{header}>\n" for header in headers)
    for extra in arguments:
        unit = index.parse("all.cpp", ["-std=c++20", "-I" + include, *extra], [("all.cpp", source)])
        errors = [d for d in unit.diagnostics if d.severity >= cindex.Diagnostic.Error]
        if errors:
            raise SystemExit(f"mutants: {errors[0]}")
        finder.collect(unit)
    mutants = sorted(finder.found.values(), key=lambda m: (m.file, m.start, -m.end, ORDER[m.form], m.real))
    seen = {}
    for number, mutant in enumerate(mutants, 1):
        mutant.number = number
        seen[mutant.key] = seen.get(mutant.key, 0) + 1
        if seen[mutant.key] > 1:
            mutant.shown += f" #{seen[mutant.key]}"
    return mutants, finder.texts
