"""Figures of both sides, pair by pair, and what they say: medians, ratios with their range, verdicts."""

import dataclasses
import math
import statistics


# Of a program beside itself. Two processes of one JVM compile differently and keep their difference for as long as they live,
# so all pairs may lie a little to one side; percentiles of latencies are made of few samples. The first number is of all
# figures, the second of latencies.
ERROR = (0.10, 0.50)  # of the median
DRIFT = (0.03, 0.15)  # of the pair that is nearest to 1


ASIDE = "all pairs lie to one side of 1"


@dataclasses.dataclass
class Goal:
    """Of the ratio ours / theirs, or of our own value."""
    bound: float
    at_most: bool = True
    of: str = "ratio"

    def met(self, value):
        return value <= self.bound if self.at_most else value >= self.bound

    def __str__(self):
        return f"{'' if self.of == 'value' else 'ratio '}{'<=' if self.at_most else '>='} {self.bound:.3g}"


@dataclasses.dataclass
class Figure:
    row: int
    name: str
    unit: str
    goal: Goal | None = None
    ours: list[float] = dataclasses.field(default_factory=list)
    theirs: list[float] = dataclasses.field(default_factory=list)
    note: str = ""
    floor: float | None = None  # of noise, in the figure's unit: what differs by no more is not decided
    guard: bool = False         # both sides are the same program: the ratio has to be 1
    of_latencies: bool = False  # made of percentiles, though in another unit than theirs

    @property
    def value(self):
        return statistics.median(self.ours)

    @property
    def ratios(self):
        """Pair by pair, so that what disturbs both for longer than a pair does not count."""
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs) if theirs > 0]

    @property
    def ratio(self):
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def within_the_floor(self):
        return (self.floor is not None and bool(self.ours and self.theirs)
                and abs(statistics.median(self.ours) - statistics.median(self.theirs)) <= self.floor)

    @property
    def verdict(self):
        if self.guard:
            return self.guarded
        if self.within_the_floor:
            return "not decidable here"
        if self.goal is None:
            return ""
        measured = self.ratio if self.goal.of == "ratio" else self.value
        if measured is None:
            return ""
        spread = self.ratios if self.goal.of == "ratio" else self.ours
        if not self.goal.met(measured):
            return "MISSED" if not any(map(self.goal.met, spread)) else "missed, not by all pairs"
        return "met" if all(map(self.goal.met, spread)) else "met, not by all pairs"

    @property
    def guarded(self):
        """Whether a program beside itself is one to one: 1 lies among the pairs, or so near them as two processes of it
        may drift apart, and the median is within the stated error."""
        ratios, kind = self.ratios, self.unit == "ms" or self.of_latencies
        if not ratios:
            return ""
        if not 1 / (1 + ERROR[kind]) <= self.ratio <= 1 + ERROR[kind]:
            return f"NOT 1: the median is beyond {ERROR[kind]:.0%}"
        if not min(ratios) / (1 + DRIFT[kind]) <= 1 <= max(ratios) * (1 + DRIFT[kind]):
            return ASIDE
        return f"1 within {ERROR[kind]:.0%}"

    @property
    def is_judged(self):
        return bool(self.verdict) and (self.guard or self.goal is not None)

    def cells(self):
        ratios = self.ratios
        return [str(self.row), self.name, show(self.value), show(statistics.median(self.theirs)) if self.theirs else "",
                self.unit, f"{self.ratio:.3f} ({min(ratios):.3f} to {max(ratios):.3f})" if ratios else "",
                str(self.goal or ""), "; ".join(filter(None, [self.verdict, self.note]))]

    def json(self):
        return {"row": self.row, "name": self.name, "unit": self.unit, "goal": str(self.goal or ""), "ours": self.ours,
                "theirs": self.theirs, "ratio": self.ratio, "verdict": self.verdict, "note": self.note, "floor": self.floor}


def guard(figures):
    """What a race of a program with itself says of the race: whether it may be believed, and the sentence."""
    judged = [figure for figure in figures if figure.guard and figure.verdict]
    wrong = [figure for figure in judged if figure.verdict.startswith("NOT")]
    aside = [figure for figure in judged if figure.verdict == ASIDE]
    # All of five pairs lie to one side of 1 in one of sixteen figures that are nothing but noise.
    by_chance = math.ceil(sum(2 ** (1 - len(figure.ratios)) for figure in judged))
    holds = bool(judged) and not wrong and len(aside) <= by_chance
    text = (f"guard: {'holds' if holds else 'FAILS'}: of {len(judged)} ratios of the reference beside itself {len(wrong)} have a "
            f"median beyond the stated error ({ERROR[0]:.0%}, latencies {ERROR[1]:.0%}); {len(aside)} have all pairs to one side "
            f"of 1 by more than {DRIFT[0]:.0%} (latencies {DRIFT[1]:.0%}), {by_chance} may by chance")
    return {"holds": holds, "text": text, "error": ERROR, "drift": DRIFT, "wrong": [figure.name for figure in wrong],
            "aside": [figure.name for figure in aside]}


def show(value):
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


HEADS = ["row", "what", "ours", "theirs", "unit", "ratio (min to max)", "goal", "verdict"]
WIDTHS = [3, 58, 8, 8, 12, 24, 14, 0]


def line(cells):
    return " ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS)).rstrip()


def markdown(figures):
    rows = [HEADS, ["---"] * len(HEADS), *(figure.cells() for figure in figures)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
