"""Runs the races and writes their table. Called by races.sh, which builds what this needs."""

import argparse
import os
import sys
import traceback

import machine
import network_races
import node_races
import report
from contestants import Missing, Tools, contestants
from figures import alternation
from model import Row


def parse():
    parser = argparse.ArgumentParser(prog="races.sh")
    parser.add_argument("--quick", action="store_true", help="two short rounds: shows that everything runs")
    parser.add_argument("--rows", default="", help="numbers of rows, as in 1,3; all by default")
    parser.add_argument("--name", default="", help="of these, rows whose name holds this text")
    parser.add_argument("--pairs", type=int, help="rounds (5; 2 with --quick)")
    parser.add_argument("--rivals", default="rust,go,js", help="which rivals take part")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--results", required=True, help="folder for races.md, races.json, races.svg")
    return parser.parse_args()


def chosen(options, numbers):
    """True if a row with one of these numbers is asked for; "1" asks for 1a to 1d."""
    asked = options.rows.split(",") if options.rows else []
    return not asked or any(number in asked or number.rstrip("abcd") in asked for number in numbers)


def wanted(options):
    every = network_races.races(options.quick) + node_races.races(options.quick)
    every.sort(key=lambda race: race.number)
    return [race for race in every if chosen(options, [metric.number for metric in race.metrics])
            and any(options.name in metric.name for metric in race.metrics)]


def add(rows, name, values):
    for key, value in values.items():
        row = rows[key]
        series = row.ours if name == "ours" else row.floor if name == "floor" else row.rivals.setdefault(name, [])
        series.append(value)


def drop(rows, name, reason):
    """A contestant that failed once is out of the race; half a series would not be comparable."""
    for row in rows.values():
        row.rivals.pop(name, None)
        row.missing[name] = reason


def run_race(race, tools, entries, pairs):
    rows = {metric.key: Row(metric) for metric in race.metrics}
    running = {}
    for entry in entries:
        reason = race.excluded.get(entry.name) or entry.missing
        if reason:
            drop(rows, entry.name, reason)
        else:
            running[entry.name] = entry
    for number in range(pairs):
        if race.floor:
            add(rows, "floor", race.floor(tools))
        for name in alternation(list(running), number):
            try:
                values = race.run(tools, running[name])
            except (Missing, RuntimeError, OSError) as error:
                if name == "ours":
                    raise
                traceback.print_exc()
                drop(rows, name, f"failed: {error}")
                del running[name]
                continue
            add(rows, name, values)
            shown = ", ".join(f"{rows[key].metric.name}: {report.figure(value)}" for key, value in values.items())
            print(f"    {race.number} [{number + 1}/{pairs}] {name}: {shown}", file=sys.stderr, flush=True)
    return list(rows.values())


def main():
    options = parse()
    tools = Tools(options.build)
    rivals = options.rivals.split(",")
    entries = contestants(tools)
    for entry in entries:
        if entry.name not in ["ours", *rivals]:
            entry.missing = "left out by --rivals"
    pairs = options.pairs or (2 if options.quick else 5)
    os.makedirs(options.results, exist_ok=True)
    table = report.read(options.results) if options.rows or options.name else []
    command = "bench/races.sh" + (" --quick" if options.quick else "")
    described = machine.describe(entries)

    def publish(rows):
        nonlocal table
        table = report.in_order(report.merged(table, rows))
        report.write(options.results, table, described, command)

    # After each race, so that a run that is interrupted keeps what it has.
    for race in wanted(options):
        publish([row.as_json() for row in run_race(race, tools, entries, pairs)])
    if chosen(options, ["11"]) and options.name in "commitment validation in process":
        publish(node_races.validation_rows(tools, options.quick))
    print(f"wrote {options.results}/races.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
