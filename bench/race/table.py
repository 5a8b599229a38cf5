"""Figures of both sides, pair by pair, and what they say: medians, ratios with their range, verdicts."""

import dataclasses
import statistics


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
    def verdict(self):
        if self.goal is None:
            return ""
        measured = self.ratio if self.goal.of == "ratio" else self.value
        if measured is None:
            return ""
        spread = self.ratios if self.goal.of == "ratio" else self.ours
        if not self.goal.met(measured):
            return "MISSED" if not any(map(self.goal.met, spread)) else "missed, not by all pairs"
        return "met" if all(map(self.goal.met, spread)) else "met, not by all pairs"

    def cells(self):
        ratios = self.ratios
        return [str(self.row), self.name, show(self.value), show(statistics.median(self.theirs)) if self.theirs else "",
                self.unit, f"{self.ratio:.3f} ({min(ratios):.3f} to {max(ratios):.3f})" if ratios else "",
                str(self.goal or ""), self.verdict or self.note]

    def json(self):
        return {"row": self.row, "name": self.name, "unit": self.unit, "goal": str(self.goal or ""), "ours": self.ours,
                "theirs": self.theirs, "ratio": self.ratio, "verdict": self.verdict, "note": self.note}


def show(value):
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


HEADS = ["row", "what", "ours", "theirs", "unit", "ratio (min to max)", "goal", "verdict"]
WIDTHS = [3, 58, 8, 8, 12, 24, 14, 0]


def line(cells):
    return " ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS)).rstrip()


def markdown(figures):
    rows = [HEADS, ["---"] * len(HEADS), *(figure.cells() for figure in figures)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
