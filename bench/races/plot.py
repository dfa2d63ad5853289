"""races.svg: for each row, how each contestant stands to ours, on a logarithmic scale.

Mid-tone colours and no background, so that it reads on light and dark pages.
"""

import math
from xml.sax.saxutils import escape

COLOURS = {"rust": "#c2703d", "go": "#3b93ad", "js": "#a8932b", "floor": "#8a8a8a",
           "k256": "#c2703d", "context per call": "#8d6bb3"}
TEXT = "#7d7d7d"
LINE = "#7d7d7d"
LABEL_WIDTH = 430
SCALE_WIDTH = 460
BAR = 7
GAP = 10
TOP = 58
WIDEST = 100.0


def bars_of(row):
    """(name, how many times ours is better) for all that were measured; the floor is below 1 where it is better."""
    mine = row["ours"] and row["ours"]["median"]
    if not mine:
        return []
    others = [(name, rival["median"]) for name, rival in row["rivals"].items() if "median" in rival]
    if row["floor"]:
        others.append(("floor", row["floor"]["median"]))
    return [(name, mine / value if row["higher_is_better"] else value / mine) for name, value in others if value]


def place(ratio):
    """x of a ratio; 1 lies a third from the left."""
    clamped = min(max(ratio, 0.1), WIDEST)
    return LABEL_WIDTH + SCALE_WIDTH * (math.log10(clamped) + 1) / 3


def text(x, y, content, anchor="start", size=11):
    return (f'<text x="{x:.1f}" y="{y:.1f}" fill="{TEXT}" font-size="{size}" text-anchor="{anchor}">'
            f"{escape(content)}</text>")


def grid(height):
    out = []
    for ratio in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100):
        x = place(ratio)
        weight = "1.4" if ratio == 1 else "0.3"
        out.append(f'<line x1="{x:.1f}" y1="{TOP - 10}" x2="{x:.1f}" y2="{height - 8}" stroke="{LINE}" '
                   f'stroke-width="{weight}"/>')
        out.append(text(x, TOP - 16, f"{ratio:g}", "middle", 10))
    return out


def legend(names):
    out, x = [], LABEL_WIDTH
    for name in names:
        out.append(f'<rect x="{x}" y="10" width="10" height="10" fill="{COLOURS[name]}"/>')
        out.append(text(x + 14, 19, name))
        x += 34 + 7 * len(name)
    return out


def group(row, bars, y):
    """One row of the table: its label, and a bar for each contestant, from ours to theirs."""
    middle = y + len(bars) * BAR / 2 + 4
    label = row["name"] if len(row["name"]) < 62 else row["name"][:60] + "…"
    out = [text(4, middle, f"{row['number']}  {label}")]
    for name, ratio in bars:
        left, right = sorted((place(1), place(ratio)))
        out.append(f'<rect x="{left:.1f}" y="{y:.1f}" width="{max(right - left, 1.5):.1f}" height="{BAR - 1}" '
                   f'fill="{COLOURS[name]}"><title>{escape(name)}: {ratio:.2f}</title></rect>')
        out.append(text(right + 3 if ratio >= 1 else left - 3, y + BAR - 1, f"{ratio:.2g}" if ratio < 100 else f"{ratio:.0f}",
                        "start" if ratio >= 1 else "end", 7))
        y += BAR
    return out


def svg(rows):
    groups = [(row, bars) for row in rows if (bars := bars_of(row))]
    height = TOP + sum(len(bars) * BAR + GAP for _, bars in groups) + 10
    width = LABEL_WIDTH + SCALE_WIDTH + 40
    used = {name for _, bars in groups for name, _ in bars}
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
           f'viewBox="0 0 {width} {height}" font-family="sans-serif">',
           "<title>Races: how many times better ours is than each</title>",
           text(4, 19, "How many times better ours (the line at 1) is; left of it, they are")]
    out += legend([name for name in COLOURS if name in used]) + grid(height)
    y = TOP
    for row, bars in groups:
        out += group(row, bars, y)
        y += len(bars) * BAR + GAP
    return "\n".join([*out, "</svg>", ""])
