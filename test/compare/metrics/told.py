"""What two nodes tell of themselves, under the same names: the reference over JMX, Ottla over HTTP."""

import pathlib
import re
import subprocess
import threading
import time
import urllib.request

from nodes import KAFKA

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 20  # seconds, for JMX to listen
RATES = ("MeanRate", "OneMinuteRate")
BEAN = re.compile(r"kafka\.(\w+):(.*)")
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)")

# Of a family, by its labels in the order of their names.
Numbers = dict[str, dict[tuple[tuple[str, str], ...], float]]


def labels_of(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(re.findall(r'(\w+)="([^"]*)"', text)))


def family(*words: str) -> str:
    return re.sub(r"[^a-z0-9_:]", "_", "_".join(words).lower())


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")  # a text, which no exporter tells as a number


def families_of(domain: str, said: dict[str, str], attributes: dict[str, str]) -> dict[str, float]:
    """Under which names a bean's numbers are exported: as Strimzi has it."""
    kind, name = said.get("type", ""), said.get("name")
    if name is None:
        shown = "raftmetrics" if kind == "raft-metrics" else kind
        ending = "_software" if "clientSoftwareName" in said else ""
        return {family("kafka", domain, shown, key) + ending: number(value) for key, value in attributes.items()}
    value = number(attributes.get("Value", attributes.get("Count", "")))
    if any(attribute.endswith("Percentile") for attribute in attributes):
        return {family("kafka", domain, kind, name): number(attributes["50thPercentile"]),
                family("kafka", domain, kind, name, "count"): value}
    if "Percent" in name:
        return {family("kafka", domain, kind, re.sub(r"Percent\w*", "", name), "percent"): value}
    if all(rate in attributes for rate in RATES):
        return {family("kafka", domain, kind, re.sub(r"PerSec\w*", "", name), "total"): value}
    return {family("kafka", domain, kind, name): value}


class Beans:
    """The reference's, asked through one program."""

    def __init__(self, folder, port: int):
        self.errors = (folder / "beans.log").open("ab")
        end = time.monotonic() + PATIENCE
        while True:  # JMX listens a moment after the broker
            self.process = subprocess.Popen([str(KAFKA), "java", "broker", str(HERE / "ListBeans.java"), str(port)],
                                            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
            if self.numbers():
                return
            self.close()
            if time.monotonic() > end:
                raise RuntimeError("JMX does not answer")
            threading.Event().wait(0.5)

    def numbers(self) -> Numbers:
        found: Numbers = {}
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return found
        for line in iter(self.process.stdout.readline, ""):
            if line == "\n":
                break
            self.add(found, line.rstrip("\n"))
        return found

    @staticmethod
    def add(found: Numbers, line: str) -> None:
        bean, *told = line.split("\t")
        match = BEAN.match(bean)
        if match is None:
            return
        said = dict(part.split("=", 1) for part in re.findall(r'[\w-]+="[^"]*"|[\w-]+=[^,]*', match[2]))
        labels = tuple(sorted((key, value.strip('"')) for key, value in said.items() if key not in ("type", "name")))
        attributes = dict(each.split("=", 1) for each in told if "=" in each)
        for name, value in families_of(match[1], said, attributes).items():
            found.setdefault(name, {})[labels] = value

    def close(self) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def numbers_at(address: str) -> Numbers:
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found: Numbers = {}
    for line in text.splitlines():
        match = SAMPLE.fullmatch(line)
        if match is None and line and not line.startswith("#"):
            raise RuntimeError(f"no sample: {line}")
        if match is not None:
            found.setdefault(match[1], {})[labels_of(match[2] or "")] = float(match[3])
    return found
