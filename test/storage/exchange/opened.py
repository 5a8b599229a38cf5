"""Each directory of a partition is copied twice, opened by our log and by the reference's, and told by both; then the
files that the two have left are compared, byte by byte.

Each is opened as it lies after a clean stop; as after a crash, when all of it is read and all indexes are made anew;
and clean, but without its indexes and snapshots of producers."""

import dataclasses
import pathlib
import shutil
import subprocess

import facts
import far

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[2]
KAFKA = TOP / "test" / "reference" / "kafka"
OURS = TOP / "build" / "release" / "tests" / "ottla-storage-exchange"

# What reference_data/java/Topics.java configures.
INTERVALS = {"codec": 500, "transactions": 200, "segments": 1000}
UNCLEAN = {"running", "crashed"}  # what was copied while the node ran, or left by a crash of ours
PADDED = {".index", ".timeindex"}
INDEXES = {".index", ".timeindex", ".txnindex", ".snapshot"}


@dataclasses.dataclass
class Case:
    name: str
    source: pathlib.Path
    mode: str  # clean, crash, bare
    log_start: int
    recovery_point: int

    def line(self, folder, facts):
        kind = self.source.name.split("-")[0]
        policy = "compact" if kind in ("compacted", "__consumer_offsets", "__transaction_state") else "delete"
        return "\t".join(["crash" if self.mode == "crash" else "clean", str(INTERVALS.get(kind, 4096)),
                          str(self.log_start), str(self.recovery_point), str(folder), str(facts), policy])


def checkpoint(folder, name):
    try:
        lines = (folder / name).read_text().splitlines()[2:]
    except FileNotFoundError:
        return {}
    return {f"{topic}-{partition}": int(offset) for topic, partition, offset in (line.split(" ") for line in lines)}


def cases_of(title, folder):
    starts = checkpoint(folder, "log-start-offset-checkpoint")
    points = checkpoint(folder, "recovery-point-offset-checkpoint")
    for source in sorted(folder.iterdir()):
        if not source.is_dir() or source.name.endswith("-delete"):
            continue
        start = starts.get(source.name, 0)
        # The quorum's log is always opened as after a crash.
        crash_only = source.name == "__cluster_metadata-0" or f"{title}/{source.name}" in far.SPLIT_IN_RECOVERY_ONLY
        if title not in UNCLEAN and not crash_only:
            yield Case(f"{title}/{source.name} clean", source, "clean", start, points.get(source.name, start))
            yield Case(f"{title}/{source.name} without indexes", source, "bare", start, points.get(source.name, start))
        yield Case(f"{title}/{source.name} after a crash", source, "crash", start, start)


def copy(case, to):
    shutil.copytree(case.source, to)
    for file in to.iterdir():
        if case.mode == "bare" and file.suffix in INDEXES:
            file.unlink()


def bytes_of(file):
    # The reference gives indexes their full size while it uses them, and leaves some so.
    return file.read_bytes().rstrip(b"\0") if file.suffix in PADDED else file.read_bytes()


def files_of(folder):
    return {file.name: bytes_of(file) for file in sorted(folder.iterdir())
            if file.is_file() and file.suffix != ".deleted" and not is_empty_checkpoint(file)}


def is_empty_checkpoint(file):
    """We write none until there is an epoch."""
    return file.name == "leader-epoch-checkpoint" and file.stat().st_size == 0


def last_snapshot(files):
    return max((file for file in files if file.endswith(".snapshot")), default=None)


def compare_files(name, theirs, ours, results):
    theirs, ours = files_of(theirs), files_of(ours)
    # Of the snapshots the last one is needed. The reference writes others on its way through a recovery.
    names = [{file for file in files if not file.endswith(".snapshot")} | {last_snapshot(files)}
             for files in (theirs, ours)]
    results.check(f"{name}: names of files", names[0] == names[1],
                  f"only the reference: {sorted(names[0] - names[1], key=str)}",
                  f"only ours: {sorted(names[1] - names[0], key=str)}")
    different = [file for file in theirs if file in ours and theirs[file] != ours[file]]
    results.check(f"{name}: bytes of files", not different, *(
        f"{file}: {len(theirs[file])} bytes, ours {len(ours[file])}" for file in different))


def lines_of(path):
    return path.read_text().splitlines() if path.exists() else ["not told"]


def compare_all(folders, work, results):
    cases = [case for title, folder in folders.items() for case in cases_of(title, folder)]
    for side in ("theirs", "ours"):
        (work / side).mkdir(parents=True)
        lines = []
        for number, case in enumerate(cases):
            folder = work / side / str(number) / case.source.name
            copy(case, folder)
            lines.append(case.line(folder, work / side / f"{number}.facts"))
        (work / f"{side}.list").write_text("".join(line + "\n" for line in lines))
    # It complains of each index that is missing.
    with (work / "theirs.log").open("w") as log:
        subprocess.run([KAFKA, "java", "broker", "--with", TOP / "build/exchange_classes", "exchange.Tell",
                        work / "theirs.list"], check=True, stderr=log)
    subprocess.run([OURS, "tell", work / "ours.list"], check=False)
    for number, case in enumerate(cases):
        theirs, ours = (lines_of(work / side / f"{number}.facts") for side in ("theirs", "ours"))
        for at, (a, b) in enumerate(zip(theirs, ours)):
            if a != b and facts.known_difference(a, b, theirs):
                theirs[at] = b
        results.same_lines(case.name, theirs, ours)
        compare_files(case.name, *(work / side / str(number) / case.source.name for side in ("theirs", "ours")), results)
