"""races.md and races.json."""

import json

import plot


def figure(value):
    """Three significant digits, without an exponent."""
    if value is None:
        return "-"
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) < 0.1:
        return f"{value:.2g}"
    return f"{value:.{2 if abs(value) < 10 else 1 if abs(value) < 100 else 0}f}"


def with_spread(spread):
    if not spread:
        return "-"
    if spread["min"] == spread["max"]:
        return figure(spread["median"])
    return f"{figure(spread['median'])} ({figure(spread['min'])} to {figure(spread['max'])})"


def rival_cell(rival):
    if rival is None:
        return "-"
    return "missing" if "missing" in rival else with_spread(rival)


VERDICT = {True: "yes", False: "**no**", None: ""}


PEERS = ["rust", "go", "js"]


def table(rows, rivals):
    out = [
        "| # | race | unit | ours | " + " | ".join(rivals) + " | floor | ours / best rival | ours / floor | aim | met |",
        "|---|" + "---|" * (len(rivals) + 8),
    ]
    for row in rows:
        best = f" {row['best_rival']}" if row["ratio_to_best_rival"] else ""
        cells = [
            row["number"], row["name"], row["unit"], with_spread(row["ours"]),
            *[rival_cell(row["rivals"].get(name)) for name in rivals],
            with_spread(row["floor"]), with_spread(row["ratio_to_best_rival"]) + best,
            with_spread(row["ratio_to_floor"]), row["aim"], VERDICT[row["met"]],
        ]
        out.append("| " + " | ".join(cells) + " |")
    return out


def tables(rows):
    """One for the races against the peers, and one for each other set of rivals."""
    out = []
    sets = {}
    for row in rows:
        names = [name for name in row["rivals"] if name not in PEERS]
        sets.setdefault(tuple(names), []).append(row)
    for names, those in sorted(sets.items(), key=lambda item: len(item[0])):
        out += table(those, list(names) or PEERS) + [""]
    return out[:-1]


def missing_lines(rows):
    """Each reason once, with the rows that it stands for."""
    reasons = {}
    for row in rows:
        for name, rival in row["rivals"].items():
            if "missing" in rival:
                numbers = reasons.setdefault((name, rival["missing"]), [])
                if row["number"] not in numbers:
                    numbers.append(row["number"])
    return [f"- {name}, rows {', '.join(numbers)}: {why}" for (name, why), numbers in sorted(reasons.items())]


def markdown(rows, machine, command):
    out = ["# Races", "", "Median (least to greatest) of the rounds; ratios are taken round by round. "
           "How to read it: [../README.md](../README.md).", "", "![Races](races.svg)", ""]
    out += tables(rows)
    missing = missing_lines(rows)
    if missing:
        out += ["", "Missing:", ""] + missing
    out += ["", "## Machine", ""] + [f"- {name}: {value}" for name, value in machine.items()]
    out += ["", "Command:", "", f"    {command}", ""]
    return "\n".join(out)


def read(folder):
    """The rows of an earlier run; none if there was none."""
    try:
        with open(f"{folder}/races.json", encoding="utf-8") as found:
            return json.load(found)
    except FileNotFoundError:
        return []


def merged(earlier, rows):
    """Rows that were raced again replace their earlier selves."""
    again = {(row["number"], row["name"]) for row in rows}
    return [row for row in earlier if (row["number"], row["name"]) not in again] + rows


def in_order(rows):
    return sorted(rows, key=lambda row: (int(row["number"].rstrip("abcd")), row["number"]))


def write(folder, rows, machine, command):
    with open(f"{folder}/races.json", "w", encoding="utf-8") as out:
        json.dump(rows, out, indent=1)
        out.write("\n")
    with open(f"{folder}/races.md", "w", encoding="utf-8") as out:
        out.write(markdown(rows, machine, command))
    with open(f"{folder}/races.svg", "w", encoding="utf-8") as out:
        out.write(plot.svg(rows))
