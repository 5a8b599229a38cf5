#!/usr/bin/env python3
"""What the race says of figures, with figures that are known."""

import argparse
import pathlib
import sys
import tempfile

import charts
from course import Course
from nodes import flags_of, logs, size_of
from rows import both
from table import ASIDE, ERROR, Figure, Goal, guard, markdown


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


def what_lies_within_the_floor_is_not_decided():
    near = Figure(1, "x", "ms", Goal(1 / 5), [0.010], [0.060], note="bare echo: 0.05 ms", floor=0.05)
    assert near.verdict == "not decidable here" and near.is_judged
    assert near.cells()[-1] == "not decidable here; bare echo: 0.05 ms", "the verdict does not hide the note, nor it the verdict"
    far = Figure(1, "x", "ms", Goal(1 / 5), [0.010], [0.061], floor=0.05)
    assert far.verdict == "met"
    assert not Figure(1, "x", "ms", None, [1], [1.01], floor=0.05).is_judged


def twin(ours, theirs, unit="s", **more):
    return Figure(1, "x", unit, ours=ours, theirs=theirs, guard=True, **more)


def the_guard_wants_one_among_the_pairs_and_near_the_median():
    assert twin([9, 10, 11], [10, 10, 10]).verdict.startswith("1 within")
    assert twin([10.2, 10.2], [10, 10]).verdict.startswith("1 within"), "two processes may drift apart a little"
    assert twin([9.8, 9.8], [10, 10]).verdict.startswith("1 within")
    assert twin([10.5, 10.6], [10, 10]).verdict == ASIDE
    assert twin([9.4, 9.5], [10, 10]).verdict == ASIDE
    wide = [9, 10 * (1 + ERROR[0]) + 0.1, 13]
    assert twin(wide, [10, 10, 10]).verdict.startswith("NOT 1")
    assert twin(wide, [10, 10, 10], "ms").verdict.startswith("1 within"), "latencies have a larger error"
    assert twin(wide, [10, 10, 10], "times", of_latencies=True).verdict.startswith("1 within"), "and what is made of them, too"
    assert twin([9, 10 * (1 + ERROR[1]) + 0.1, 20], [10, 10, 10], "ms").verdict.startswith("NOT 1")


def the_guard_fails_when_one_median_is_wrong_or_more_lie_aside_than_chance_has_it():
    good, bad, aside = twin([9, 10, 11], [10] * 3), twin([20, 21, 22], [10] * 3), twin([10.5, 10.6, 10.7], [10] * 3)
    assert guard([good, good])["holds"]
    failed = guard([good] * 9 + [bad])
    assert not failed["holds"] and failed["wrong"] == ["x"] and "FAILS" in failed["text"]
    assert guard([good] * 3 + [aside])["holds"], "one of four is chance, with three pairs"
    assert not guard([good] * 2 + [aside] * 2)["holds"]
    assert not guard([])["holds"], "what measured nothing guards nothing"


def course(**options):
    return Course("nowhere", argparse.Namespace(**{"quick": False, "twins": False, "kernel_buffers": False, "pairs": 7, **options}))


class Side:
    def __init__(self, side):
        self.side = side


def every_row_has_as_many_pairs_as_were_asked_for():
    assert course().pairs() == [None, *range(7)] and course(quick=True).pairs() == [None, 0]


def what_a_row_takes_is_of_its_pairs():
    place, sides = course(pairs=2), [Side("ours"), Side("theirs")]

    def measure(broker, pair):
        # The warm-up would take more; what only reads takes in nothing; a row has several runs in a pair.
        many = 1000 if pair is None else pair + 1
        for result in ({"requests": 1, "wire_bytes": 100, "broker": {"peak_mib": many, "written": 150}},
                       {"broker": {"peak_mib": many + 10, "written": 77}}, {"produced": {"broker": None}}):
            place.raw.append({"row": 1, "side": broker.side, "result": result})
        return (1,)

    both(place, sides, [Figure(1, "x", "s")], measure)
    place.use_of(1)
    peak, written = place.figures[1:]
    assert peak.ours == peak.theirs == [11, 12] and written.ours == written.theirs == [1.5, 1.5]


def twins_have_no_goals_but_a_guard():
    place = course(twins=True)
    place.add(Figure(1, "x", "s", Goal(1 / 3), [10], [10]), Figure(1, "of one side", "s", Goal(1, of="value"), [1]))
    assert [figure.verdict for figure in place.figures] == [f"1 within {ERROR[0]:.0%}"]


def flags_say_nothing_of_this_machine():
    words = ["/opt/java", "-Xmx1g", "-Dlog4j2.configurationFile=/x/y", "-XX:+UseG1GC", "-cp", "/a.jar:/b.jar", "kafka.Kafka",
             "/x/server.properties", ""]
    assert flags_of(words) == ["-Xmx1g", "-XX:+UseG1GC"]


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
              charts_show_each_figure_once, what_lies_within_the_floor_is_not_decided,
              the_guard_wants_one_among_the_pairs_and_near_the_median, the_guard_fails_when_one_median_is_wrong_or_more_lie_aside_than_chance_has_it,
              every_row_has_as_many_pairs_as_were_asked_for, what_a_row_takes_is_of_its_pairs,
              twins_have_no_goals_but_a_guard, flags_say_nothing_of_this_machine]
    for check in checks:
        check()
    print(f"{len(checks)} checks of the race hold")


if __name__ == "__main__":
    sys.exit(main())
