"""What this change is, told by git: since the branch left origin/main, or, on main itself, the last commit."""

import pathlib
import subprocess


def _git(top: pathlib.Path, *arguments: str) -> str | None:
    done = subprocess.run(["git", *arguments], cwd=top, text=True, capture_output=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def base(top: pathlib.Path) -> str | None:
    """The commit before the change; nothing when history does not reach that far."""
    head = _git(top, "rev-parse", "HEAD")
    fork = _git(top, "merge-base", "HEAD", "origin/main")
    if fork and fork != head:
        return fork
    return _git(top, "rev-parse", "--verify", "--quiet", "HEAD~1")


def changed(top: pathlib.Path) -> list[str] | None:
    """Paths that the change touches, uncommitted ones included; nothing when there is no base."""
    start = base(top)
    if start is None:
        return None
    listed = (_git(top, "diff", "--name-only", "--diff-filter=d", start) or "").splitlines()
    listed += (_git(top, "ls-files", "-o", "--exclude-standard") or "").splitlines()
    return sorted({path for path in listed if (top / path).is_file()})


def text_before(top: pathlib.Path, path: str) -> str | None:
    start = base(top)
    return None if start is None else _git(top, "show", f"{start}:{path}")
