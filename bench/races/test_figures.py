"""Run with: python3 -m unittest discover -s bench/races"""

import unittest

import figures
from figures import Spread, alternation, best_of, paired_ratio


class SpreadTest(unittest.TestCase):
    def test_given_an_odd_series_when_spread_then_the_middle_and_both_ends(self):
        self.assertEqual(Spread.of([3, 1, 2]), Spread(2, 1, 3))

    def test_given_an_even_series_when_spread_then_the_mean_of_the_middle(self):
        self.assertEqual(Spread.of([4, 1, 2, 3]), Spread(2.5, 1, 4))

    def test_given_nothing_when_spread_then_nothing(self):
        self.assertIsNone(Spread.of([]))


class RatioTest(unittest.TestCase):
    def test_given_pairs_when_divided_then_round_by_round(self):
        # The machine was twice as slow in the second round, for both.
        self.assertEqual(paired_ratio([10, 20], [20, 40]), Spread(0.5, 0.5, 0.5))

    def test_given_one_floor_when_divided_then_it_stands_against_each(self):
        self.assertEqual(paired_ratio([10, 20, 30], [10]), Spread(2, 1, 3))

    def test_given_a_missing_side_when_divided_then_nothing(self):
        self.assertIsNone(paired_ratio([], [1]))
        self.assertIsNone(paired_ratio([1], []))
        self.assertIsNone(paired_ratio([1], [0]))

    def test_given_unpaired_series_when_divided_then_an_error(self):
        with self.assertRaises(ValueError):
            paired_ratio([1, 2, 3], [1, 2])


class BestTest(unittest.TestCase):
    def test_given_rivals_when_asked_then_the_best_median_wins(self):
        rivals = {"rust": [5, 1, 5], "go": [4, 4, 4], "js": []}
        self.assertEqual(best_of(rivals, higher_is_better=False), "go")
        self.assertEqual(best_of(rivals, higher_is_better=True), "rust")

    def test_given_no_rival_that_ran_when_asked_then_nobody(self):
        self.assertIsNone(best_of({"js": []}, higher_is_better=True))


class AlternationTest(unittest.TestCase):
    def test_given_three_when_two_rounds_then_each_has_its_turn_and_another_begins(self):
        names = ["ours", "rust", "go"]
        self.assertEqual(alternation(names, 0), ["ours", "rust", "go"])
        self.assertEqual(alternation(names, 1), ["rust", "go", "ours"])
        self.assertEqual(sorted(alternation(names, 5)), sorted(names))


class ModuleTest(unittest.TestCase):
    def test_given_a_spread_when_written_then_three_numbers(self):
        self.assertEqual(figures.Spread(2, 1, 3).as_json(), {"median": 2, "min": 1, "max": 3})


if __name__ == "__main__":
    unittest.main()
