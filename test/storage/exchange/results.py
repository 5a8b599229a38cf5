"""Counts what was compared and shows what differs."""

SHOWN = 12  # differences of which the lines are shown


class Results:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, good, *lines):
        if good:
            self.passed += 1
            return
        self.failed += 1
        print("FAILED", name, flush=True)
        if self.failed <= SHOWN:
            for line in lines:
                print("   ", str(line)[:400])

    def same_lines(self, name, expected, found):
        """`expected` is the reference's."""
        if expected == found:
            self.check(name, True)
            return
        for number, (theirs, ours) in enumerate(zip(expected + ["(end)"], found + ["(end)"])):
            if theirs != ours:
                self.check(name, False, f"line {number + 1}", f"the reference: {theirs}", f"ours:          {ours}")
                return
        self.check(name, False, f"{len(expected)} lines and {len(found)}")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 0 if self.failed == 0 and self.passed > 0 else 1
