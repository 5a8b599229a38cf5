"""tidy: checks the rules of the house. See docs/testing.md.

tidy            every rule; a finding names file, line, rule and cure
tidy --rules    the rules
tidy --shrink   lower the ratchet to what is true now
"""

import importlib
import json
import pathlib
import pkgutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
sys.path[:0] = [str(HERE), str(TOP / "tools" / "testing")]

import changes  # noqa: E402
import engine  # noqa: E402
import rules  # noqa: E402
from tree import Tree  # noqa: E402

for part in pkgutil.iter_modules(rules.__path__):
    importlib.import_module(f"rules.{part.name}")


def older_ratchet() -> dict | None:
    text = changes.text_before(TOP, engine.RATCHET)
    return json.loads(text) if text else None


def main(arguments: list[str]) -> int:
    if arguments == ["--rules"]:
        for rule in engine.RULES.values():
            print(f"{rule.name:24} {rule.cure}")
        return 0
    tree = Tree.on_disk(TOP)
    found = {name: list(rule.check(tree)) for name, rule in engine.RULES.items()}
    if arguments == ["--shrink"]:
        (TOP / engine.RATCHET).write_text(engine.shrink(tree, found))
        return 0
    if arguments:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    findings = engine.judge(tree, found, older_ratchet())
    for finding in findings:
        print(finding)
    broken = {finding.rule for finding in findings}
    names = set(found) | {"exemptions", "ratchet"}
    print(f"tidy: {len(findings)} findings in {len(tree.files)} files")
    print(f"{len(names - broken)} passed, {len(broken)} failed")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
