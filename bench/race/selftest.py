#!/usr/bin/env python3
"""What the race says of figures, with figures that are known."""

import pathlib
import sys
import tempfile

import charts
from nodes import logs, size_of
from table import Figure, Goal, markdown


def verdict(goal, ours, theirs):
    return Figure(1, "x", "s", goal, ours=ours, theirs=theirs).verdict


def ratios_are_of_pairs():
    # Both were disturbed in the second pair: by pairs they are one to two, by medians they would be the same.
    figure = Figure(1, "x", "s", ours=[1, 10, 4], theirs=[2, 20, 4])
    assert figure.ratio == 0.5 and figure.ratios == [0.5, 0.5, 1]


def verdicts_tell_whether_all_pairs_agree():
    third = Goal(1 / 3)
    assert verdict(third, [1, 1, 1], [4, 5, 6]) == "met"
    assert verdict(third, [1, 1, 1], [4, 5, 2]) == "met, not by all pairs"
    assert verdict(third, [1, 1, 1], [2, 2, 4]) == "missed, not by all pairs"
    assert verdict(third, [1, 1, 1], [2, 2, 2]) == "MISSED"


def goals_have_a_direction():
    assert verdict(Goal(2, at_most=False), [4], [2]) == "met"
    assert verdict(Goal(2, at_most=False), [3], [2]) == "MISSED"
    assert verdict(Goal(50, of="value"), [49], []) == "met"
    assert verdict(Goal(50, of="value"), [51], []) == "MISSED"


def what_was_not_measured_is_not_judged():
    assert verdict(Goal(2), [1], [0]) == ""
    assert verdict(None, [1], [2]) == ""


def tables_have_a_line_a_figure():
    lines = markdown([Figure(1, "a", "s", Goal(1), [1], [2]), Figure(2, "b", "ms", ours=[5])]).split("\n")
    assert len(lines) == 4 and all(line.count("|") == lines[0].count("|") for line in lines)


def deleted_topics_are_not_looked_at():
    with tempfile.TemporaryDirectory() as folder:
        for topic in ("a-0", "b-12", "c-3.0123-delete", "notes"):
            (pathlib.Path(folder) / topic).mkdir()
            (pathlib.Path(folder) / topic / "0.log").write_bytes(b"12345")
        assert {path.parent.name for path in logs(folder)} == {"a-0", "b-12"} and size_of(folder) == 10


def charts_show_each_figure_once():
    figure = Figure(1, "a < b", "s", Goal(1), [1, 2], [2, 2]).json()
    drawn = charts.ratios([figure, {**figure, "ratio": None}])
    assert drawn.count("a &lt; b") == 1
    assert charts.at(1e-9) == charts.at(10.0 ** -charts.SPAN), "what lies far off stays in the picture"


def main():
    checks = [ratios_are_of_pairs, verdicts_tell_whether_all_pairs_agree, goals_have_a_direction,
              what_was_not_measured_is_not_judged, tables_have_a_line_a_figure, deleted_topics_are_not_looked_at,
              charts_show_each_figure_once]
    for check in checks:
        check()
    print(f"{len(checks)} checks of the race hold")


if __name__ == "__main__":
    sys.exit(main())
