"""What a race is, and what it comes to."""

from dataclasses import dataclass, field
from typing import Callable, Optional

from figures import Spread, best_of, paired_ratio


@dataclass(frozen=True)
class Metric:
    """One row of the table: a number that a race yields for each contestant."""

    key: str
    number: str  # as in "1a"
    name: str
    unit: str
    aim: str
    # Of a Row; None where what it needs was not measured.
    check: Callable[["Row"], Optional[bool]]
    higher_is_better: bool = False


@dataclass(frozen=True)
class Race:
    """A load, run against one contestant at a time. `run` and `floor` give values by key of metric."""

    number: int
    metrics: list
    run: Callable
    floor: Optional[Callable] = None
    # Names of the contestants that can take part, and why the others cannot.
    excluded: dict = field(default_factory=dict)


@dataclass
class Row:
    metric: Metric
    ours: list = field(default_factory=list)
    floor: list = field(default_factory=list)
    rivals: dict = field(default_factory=dict)  # series by name
    missing: dict = field(default_factory=dict)  # reasons by name

    def best_rival(self):
        return best_of(self.rivals, self.metric.higher_is_better)

    def ratio_to(self, name):
        return paired_ratio(self.ours, self.rivals.get(name, []))

    def ratio_to_best(self):
        best = self.best_rival()
        return self.ratio_to(best) if best else None

    def ratio_to_floor(self):
        return paired_ratio(self.ours, self.floor)

    def met(self):
        return self.metric.check(self) if self.ours else None

    def as_json(self):
        def spread(series):
            return Spread.of(series).as_json() if series else None

        def ratio(value):
            return value.as_json() if value else None

        best = self.best_rival()
        rivals = {name: spread(series) for name, series in self.rivals.items() if series}
        rivals |= {name: {"missing": reason} for name, reason in self.missing.items()}
        return {
            "number": self.metric.number,
            "name": self.metric.name,
            "unit": self.metric.unit,
            "higher_is_better": self.metric.higher_is_better,
            "ours": spread(self.ours),
            "floor": spread(self.floor),
            "rivals": rivals,
            "best_rival": best,
            "ratio_to_best_rival": ratio(self.ratio_to_best()),
            "ratio_to_floor": ratio(self.ratio_to_floor()),
            "aim": self.metric.aim,
            "met": self.met(),
        }


def at_most(limit, of):
    """`of(row)` is a Spread, a number, or None."""

    def check(row):
        value = of(row)
        value = value.median if isinstance(value, Spread) else value
        return None if value is None else value <= limit

    return check


def at_least(limit, of):
    def check(row):
        value = of(row)
        value = value.median if isinstance(value, Spread) else value
        return None if value is None else value >= limit

    return check


def both(*checks):
    """Met if all are; open if one is open."""

    def check(row):
        verdicts = [one(row) for one in checks]
        if False in verdicts:
            return False
        return None if None in verdicts else True

    return check


def to_best(row):
    return row.ratio_to_best()


def to_floor(row):
    return row.ratio_to_floor()


def to_rival(name):
    return lambda row: row.ratio_to(name)


def ours(row):
    return Spread.of(row.ours)
