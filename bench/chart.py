# SPDX-License-Identifier: MIT
"""Charts as SVG: panels of lines over sizes, and rows of points. Values are on a logarithmic axis where they span a decade."""

import math
from dataclasses import dataclass, field
from html import escape

WIDTH = 1200
PLOT_HEIGHT = 190
TOP, TITLE, BOTTOM = 64, 22, 44  # the chart's head; above and below a plot
LEFT, RIGHT = 58, 118  # beside a plot: the axis, the labels of the lines
LINE = 13  # between two labels

# Of each: its colour on white, on black. weft is also the thickest.
COLOURS = {
    "weft": ("#c4261d", "#ff7b72"),
    "uws": ("#0a58ca", "#79b8ff"),
    "uws+simdutf": ("#1a7f37", "#6fdd8b"),
    "beast": ("#7a34c0", "#d2a8ff"),
    "wslay": ("#8a5a00", "#e3b341"),
    "websocketpp": ("#4d5561", "#a8b3c0"),
}
OTHERS = [("#0b7285", "#56d4dd"), ("#b3307f", "#ff9bce"), ("#6e7781", "#8b949e"), ("#5a6e00", "#b5cc4a")]

STYLE = """
    text { font: 11px system-ui, 'DejaVu Sans', sans-serif; fill: #24292f }
    .head { font-size: 16px; font-weight: 600 }
    .title { font-size: 12px; font-weight: 600 }
    .soft { fill: #57606a }
    .back { fill: #ffffff }
    .grid { stroke: #d8dee4; stroke-width: 1; fill: none }
    .axis { stroke: #8c959f; stroke-width: 1; fill: none }
    .lead { stroke-width: .7; fill: none; opacity: .6 }
    .line { stroke-width: 1.5; fill: none; stroke-linejoin: round }
    .ours { stroke-width: 3 }"""
DARK = """
      text { fill: #e6edf3 }
      .soft { fill: #9da7b3 }
      .back { fill: #0d1117 }
      .grid { stroke: #262c36 }
      .axis { stroke: #6e7681 }"""


@dataclass
class Panel:
    """Some lines: the points of each `who` are pairs of a size, as in a benchmark's name, and a value."""

    title: str
    lines: dict = field(default_factory=dict)


class Scale:
    """Values to places; logarithmic if a factor of ten or more lies between them, else from zero."""

    def __init__(self, values, start, end, log=None):
        low, high = min(values), max(values)
        self.start, self.end = start, end
        self.log = low > 0 and high / low >= 10 if log is None else log
        if self.log:
            ticks = [m * 10.0**e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1) for m in (1, 2, 5)]
            self.low = max([tick for tick in ticks if tick <= low], default=low)
            self.high = min([tick for tick in ticks if tick >= high], default=high)
            ticks = [tick for tick in ticks if self.low <= tick <= self.high]
            decades = [tick for tick in ticks if f"{tick:e}".startswith("1.0")]
            self.ticks = decades if len(ticks) > 10 else ticks
        else:
            step = 10.0 ** math.floor(math.log10(high or 1))
            step = next(step * part for part in (0.2, 0.5, 1, 2) if high / (step * part) <= 6)
            self.low, self.high = 0, step * math.ceil(high / step) or 1
            self.ticks = [step * i for i in range(round(self.high / step) + 1)]

    def __call__(self, value):
        if self.low == self.high:
            return (self.start + self.end) / 2
        part = (value - self.low) / (self.high - self.low)
        if self.log:
            part = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + part * (self.end - self.start)


def short(value):
    """Three digits, without an exponent."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{round(value, 2 - math.floor(math.log10(abs(value)))):,.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(",", " ")


def size_label(size):
    """With a binary prefix where that is exact."""
    if size.isdigit():
        for shift, prefix in ((20, "Mi"), (10, "Ki")):
            if int(size) and int(size) % (1 << shift) == 0:
                return f"{int(size) >> shift} {prefix}"
        return f"{int(size):,}".replace(",", " ")
    return size


def width_of(text):
    return 6.6 * len(text)


def apart(wanted, low, high):
    """Places near the wanted ones and in the same order, a label's height apart."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    places = [0.0] * len(wanted)
    groups = []  # of labels that touch: [where the first wants to be, how many]
    for i in order:
        groups.append([wanted[i], 1])
        while len(groups) > 1 and groups[-2][0] + LINE * groups[-2][1] > groups[-1][0]:
            start, count = groups.pop()
            before, more = groups[-1]
            groups[-1] = [(before * more + (start - LINE * more) * count) / (more + count), more + count]
    tops = [start + LINE * i for start, count in groups for i in range(count)]
    for i in range(len(tops)):
        tops[i] = max(tops[i], low + LINE * i)
    for i in reversed(range(len(tops))):
        tops[i] = min(tops[i], high - LINE * (len(tops) - 1 - i))
    for place, i in zip(tops, order):
        places[i] = place
    return places


class Drawing:
    """The parts of one SVG."""

    def __init__(self, whos):
        whos = list(dict.fromkeys(whos))
        unknown = [who for who in whos if who not in COLOURS]
        self.colours = {who: COLOURS.get(who) or OTHERS[unknown.index(who) % len(OTHERS)] for who in whos}
        self.classes = {who: f"s{i}" for i, who in enumerate(whos)}
        self.parts = []

    def text(self, x, y, text, css="", anchor="start"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}">{escape(text)}</text>')

    def path(self, points, css):
        self.parts.append(f'<path d="M{" L".join(f"{x:.1f} {y:.1f}" for x, y in points)}" class="{css}"/>')

    def dot(self, x, y, who):
        radius = 4 if who == "weft" else 3
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" class="{self.fill(who)}"/>')

    def fill(self, who):
        return "f" + self.classes[who]

    def stroke(self, who, css):
        return f"{css} {self.classes[who]}"

    def svg(self, title, note, height):
        rules = {0: [], 1: []}
        for who, name in self.classes.items():
            for dark in (0, 1):
                colour = self.colours[who][dark]
                rules[dark].append(f".{name} {{ stroke: {colour} }} .f{name} {{ fill: {colour} }}")
        light, dark = ("\n    ".join(rules[i]) for i in (0, 1))
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
            f' role="img" aria-label="{escape(title)}">',
            f"<style>{STYLE}\n    {light}\n    @media (prefers-color-scheme: dark) {{{DARK}\n    {dark}\n    }}\n</style>",
            f'<rect class="back" width="{WIDTH}" height="{height}"/>',
            f'<text class="head" x="16" y="28">{escape(title)}</text>',
            f'<text class="soft" x="16" y="47">{escape(note)}</text>',
            *self.parts, "</svg>", ""])


def lines(title, note, panels, unit, sizes):
    """A table of panels with the same scale of values, rows of them in `panels`."""
    every = [panel for row in panels for panel in row if panel]
    drawing = Drawing(who for panel in every for who in panel.lines)
    values = [value for panel in every for points in panel.lines.values() for _, value in points]
    columns = max(map(len, panels))
    cell = WIDTH / columns
    plot = min(cell - LEFT - RIGHT, 620)
    each = TITLE + PLOT_HEIGHT + BOTTOM
    for r, row in enumerate(panels):
        for c, panel in enumerate(row):
            if panel:
                left, top = c * cell + LEFT, TOP + r * each + TITLE
                draw_panel(drawing, panel, left, top, plot, Scale(values, top + PLOT_HEIGHT, top), unit, sizes)
    return drawing.svg(title, note, TOP + each * len(panels) + 4)


def draw_panel(drawing, panel, left, top, plot, y, unit, sizes):
    bottom = top + PLOT_HEIGHT
    drawing.text(left, top - 8, panel.title, "title")
    for tick in y.ticks:
        drawing.path([(left, y(tick)), (left + plot, y(tick))], "grid")
        drawing.text(left - 6, y(tick) + 4, short(tick), "soft", "end")
    middle = (top + bottom) / 2
    x_of_unit = left - 44
    drawing.parts.append(f'<text class="soft" text-anchor="middle" transform="translate({x_of_unit:.1f} {middle:.1f})'
                         f' rotate(-90)">{escape(unit)}</text>')

    used = list(dict.fromkeys(size for points in panel.lines.values() for size, _ in points))
    numbers = sorted((size for size in used if size.isdigit()), key=int)
    names = [size for size in used if not size.isdigit()]
    places = {}
    inner = plot
    for name in reversed(names):  # they stand at the right
        inner -= width_of(name) + 14
        places[name] = left + inner + width_of(name) / 2 + 14
    if numbers:
        low, high = math.log(int(numbers[0])), math.log(int(numbers[-1]))
        for size in numbers:
            part = (math.log(int(size)) - low) / (high - low) if high > low else 0.5
            places[size] = left + 8 + part * (inner - 16)
    drawing.path([(left, bottom), (left + plot, bottom)], "axis")
    free = -1e9  # up to where there is a label
    last = places[numbers[-1]] if numbers else 0
    for size in [*numbers, *names]:
        label, x = size_label(size), places[size]
        drawing.path([(x, bottom), (x, bottom + 4)], "axis")
        half = width_of(label) / 2
        crowded = size in numbers[:-1] and x + half + 4 > last - width_of(size_label(numbers[-1])) / 2
        if x - half > free + 4 and not crowded:
            drawing.text(x, bottom + 16, label, "soft", "middle")
            free = x + half
    drawing.text(left + plot / 2, bottom + 32, sizes, "soft", "middle")

    ends = []  # of each line: where its label wants to be
    for who, points in sorted(panel.lines.items(), key=lambda line: line[0] == "weft"):
        at = {size: (places[size], y(value)) for size, value in points}
        joined = [at[size] for size in numbers if size in at]
        if len(joined) > 1:
            drawing.path(joined, drawing.stroke(who, "line ours" if who == "weft" else "line"))
        for x, height in at.values():
            drawing.dot(x, height, who)
        ends.append((who, max(at.values())))
    edge = left + plot
    for (who, (x, height)), place in zip(ends, apart([end[1] for _, end in ends], top, bottom)):
        drawing.path([(x + 5, height), (edge + 2, height), (edge + 9, place)], drawing.stroke(who, "lead"))
        drawing.text(edge + 12, place + 4, who, drawing.fill(who) + (" title" if who == "weft" else ""))


def points(title, note, groups, unit):
    """Rows of one point each, in groups: {group: [(who, value)]}."""
    rows = sum(len(group) for group in groups.values())
    drawing = Drawing(who for group in groups.values() for who, _ in group)
    step, head = 22, 26
    names = max(width_of(who) for group in groups.values() for who, _ in group) + 32
    bottom = TOP + rows * step + len(groups) * head
    x = Scale([value for group in groups.values() for _, value in group], names, WIDTH - 90)
    for tick in x.ticks:
        drawing.path([(x(tick), TOP), (x(tick), bottom)], "grid")
        drawing.text(x(tick), bottom + 16, short(tick), "soft", "middle")
    drawing.path([(names, bottom), (WIDTH - 90, bottom)], "axis")
    drawing.text((names + WIDTH - 90) / 2, bottom + 34, unit, "soft", "middle")
    y = TOP
    for group, members in groups.items():
        drawing.text(16, y + 18, group, "title")
        y += head
        for who, value in members:
            drawing.path([(names, y + step / 2), (x(value), y + step / 2)], drawing.stroke(who, "lead"))
            drawing.text(names - 8, y + step / 2 + 4, who, drawing.fill(who) + (" title" if who == "weft" else ""), "end")
            drawing.dot(x(value), y + step / 2, who)
            drawing.text(x(value) + 9, y + step / 2 + 4, short(value))
            y += step
    return drawing.svg(title, note, bottom + 48)
