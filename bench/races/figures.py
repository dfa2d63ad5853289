"""Medians, spreads and ratios of measurements that were taken in pairs."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """The median of a series, with its least and its greatest value."""

    median: float
    min: float
    max: float

    @staticmethod
    def of(series):
        """None for an empty series."""
        return Spread(median(series), min(series), max(series)) if series else None

    def as_json(self):
        return {"median": self.median, "min": self.min, "max": self.max}


def paired_ratio(ours, others):
    """The spread of ours divided by theirs, measurement by measurement of the same round.

    A single figure on one side, as a floor has it, is set against every one of the other.
    """
    if not ours or not others:
        return None
    if len(others) == 1:
        others = others * len(ours)
    if len(ours) == 1:
        ours = ours * len(others)
    if len(ours) != len(others):
        raise ValueError(f"{len(ours)} figures of ours against {len(others)} of theirs")
    if any(other == 0 for other in others):
        return None
    return Spread.of([mine / other for mine, other in zip(ours, others)])


def best_of(rivals, higher_is_better):
    """The name of the rival with the best median; None where nobody ran."""
    ran = {name: median(series) for name, series in rivals.items() if series}
    if not ran:
        return None
    return (max if higher_is_better else min)(ran, key=ran.get)


def alternation(names, round_number):
    """The order of a round: each begins with another contestant, so that none always follows the same one."""
    shift = round_number % len(names)
    return names[shift:] + names[:shift]
