"""Run with: python3 -m unittest discover -s bench/races"""

import unittest

import plot
import report
from figures import Spread
from model import Metric, Row, at_least, at_most, both, ours, to_best, to_rival


def row(number, name, value):
    return {"number": number, "name": name, "unit": "us", "higher_is_better": False,
            "ours": {"median": value, "min": value, "max": value}, "floor": None,
            "rivals": {"rust": {"median": 2 * value, "min": value, "max": 3 * value}, "js": {"missing": "no node"}},
            "best_rival": "rust", "ratio_to_best_rival": {"median": 0.5, "min": 0.5, "max": 0.5},
            "ratio_to_floor": None, "aim": "less", "met": True}


class MergeTest(unittest.TestCase):
    def test_given_an_earlier_table_when_some_rows_are_raced_again_then_only_those_change(self):
        table = report.merged([row("1a", "x", 1), row("3", "y", 1)], [row("1a", "x", 2)])
        self.assertEqual([(one["number"], one["ours"]["median"]) for one in report.in_order(table)],
                         [("1a", 2), ("3", 1)])

    def test_given_rows_of_two_digits_when_ordered_then_by_number(self):
        numbers = [one["number"] for one in report.in_order([row("10", "", 1), row("1b", "", 1), row("2", "", 1)])]
        self.assertEqual(numbers, ["1b", "2", "10"])


class TextTest(unittest.TestCase):
    def test_given_figures_when_written_then_three_digits(self):
        self.assertEqual([report.figure(x) for x in (0, 0.012, 1.234, 12.34, 123.4, 12345)],
                         ["0", "0.012", "1.23", "12.3", "123", "12,345"])

    def test_given_a_missing_rival_when_written_then_it_is_named_with_its_reason(self):
        page = report.markdown([row("3", "round trip", 10)], {"processor": "one"}, "bench/races.sh")
        self.assertIn("| missing |", page)
        self.assertIn("- js, rows 3: no node", page)
        self.assertIn("20.0 (10.0 to 30.0)", page)


class PlotTest(unittest.TestCase):
    def test_given_rows_when_drawn_then_a_bar_says_how_many_times_better_ours_is(self):
        self.assertEqual(plot.bars_of(row("3", "x", 10)), [("rust", 2.0)])
        faster = row("2", "rate", 10) | {"higher_is_better": True}
        self.assertEqual(plot.bars_of(faster), [("rust", 0.5)])

    def test_given_ratios_when_placed_then_one_stands_a_third_from_the_left_and_the_scale_ends(self):
        third = plot.LABEL_WIDTH + plot.SCALE_WIDTH / 3
        self.assertAlmostEqual(plot.place(1), third)
        self.assertEqual(plot.place(1000), plot.LABEL_WIDTH + plot.SCALE_WIDTH)


class AimTest(unittest.TestCase):
    def measured(self):
        metric = Metric("k", "1b", "n", "us", "", both(at_most(0.1, to_rival("rust")), at_most(1, to_rival("go"))))
        return Row(metric, ours=[1, 1], rivals={"rust": [20, 20], "go": [2, 4]})

    def test_given_all_parts_met_when_checked_then_met(self):
        self.assertTrue(self.measured().met())

    def test_given_one_part_missed_when_checked_then_not_met(self):
        one = self.measured()
        one.rivals["go"] = [0.5, 0.5]
        self.assertFalse(one.met())

    def test_given_a_missing_rival_when_checked_then_open(self):
        one = self.measured()
        del one.rivals["go"]
        self.assertIsNone(one.met())

    def test_given_series_when_asked_then_best_and_own_spread(self):
        one = self.measured()
        self.assertEqual(to_best(one), Spread(0.375, 0.25, 0.5))
        self.assertTrue(at_least(1, ours)(one))


if __name__ == "__main__":
    unittest.main()
