#!/usr/bin/env python3
"""charts RACE.JSON FOLDER: ratios with their range as bars, and percentile curves, as SVG."""

import json
import math
import pathlib
import sys

WIDTH, BAR, LEFT = 960, 18, 470
OURS, THEIRS = "#1f6f8b", "#c8553d"
SPAN = 2.2  # powers of ten to either side of 1


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def svg(height, parts):
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
                      f'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="white"/>',
                      *parts, "</svg>\n"])


def at(ratio):
    power = max(-SPAN, min(SPAN, math.log10(ratio)))
    return LEFT + (power + SPAN) / (2 * SPAN) * (WIDTH - LEFT - 60)


def ratios(figures):
    """One bar a figure, from 1 to the median; a line from the least to the largest pair; the goal as a mark."""
    shown = [figure for figure in figures if figure["ratio"]]
    height = BAR * len(shown) + 50
    parts = [f'<text x="{at(1)}" y="16" text-anchor="middle">1: as the reference</text>']
    for power in (-2, -1, 0, 1, 2):
        x = at(10.0 ** power)
        parts.append(f'<line x1="{x}" y1="22" x2="{x}" y2="{height - 20}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{height - 6}" text-anchor="middle">{10.0 ** power:g}</text>')
    for number, figure in enumerate(shown):
        y = 28 + number * BAR
        pairs = [ours / theirs for ours, theirs in zip(figure["ours"], figure["theirs"]) if theirs > 0 and ours > 0]
        low, middle, high = at(min(pairs)), at(figure["ratio"]), at(max(pairs))
        color = "#999" if not figure["goal"] or not figure["verdict"].lower().startswith(("met", "missed")) else OURS if figure["verdict"].startswith("met") else THEIRS
        parts.append(f'<text x="{LEFT - 8}" y="{y + 11}" text-anchor="end">{escaped(figure["name"])}, '
                     f'{escaped(figure["unit"])}</text>')
        parts.append(f'<rect x="{min(at(1), middle):.1f}" y="{y}" width="{abs(middle - at(1)):.1f}" height="{BAR - 6}" '
                     f'fill="{color}"/>')
        parts.append(f'<line x1="{low:.1f}" y1="{y + 6}" x2="{high:.1f}" y2="{y + 6}" stroke="black"/>')
    return svg(height, parts)


def curve(histogram, color, largest):
    """Of a latency by percentile, both axes in powers of ten."""
    points, seen = [], 0
    for lowest, count in histogram["buckets"]:
        seen += count
        rest = max(1 - seen / histogram["count"], 1e-5)
        x = 60 + -math.log10(rest) / 5 * (WIDTH - 120)
        y = 360 - math.log10(max(lowest, 1e4) / 1e4) / math.log10(largest / 1e4) * 320
        # What is nearer than a pixel to the one before it does not show.
        if not points or abs(x - points[-1][0]) + abs(y - points[-1][1]) >= 2:
            points.append((x, y))
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    return f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="1.5"/>'


def percentiles(raw):
    """Of the steady flow, end to end: each run a line."""
    runs = [(entry["side"], entry["result"]["read_ns"]) for entry in raw if entry.get("row") == 3 and entry["verb"] == "flow"]
    if not runs:
        return None
    largest = max(histogram["max"] for _, histogram in runs) * 1.2
    parts = []
    for nines, label in enumerate(("0", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %")):
        x = 60 + nines / 5 * (WIDTH - 120)
        parts.append(f'<line x1="{x}" y1="40" x2="{x}" y2="360" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="378" text-anchor="middle">{label}</text>')
    for power in range(4, int(math.log10(largest)) + 1):
        y = 360 - (power - 4) / math.log10(largest / 1e4) * 320
        parts.append(f'<line x1="60" y1="{y:.1f}" x2="{WIDTH - 60}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="52" y="{y + 4:.1f}" text-anchor="end">{10.0 ** (power - 6):g} ms</text>')
    parts += [curve(histogram, OURS if side == "ours" else THEIRS, largest) for side, histogram in runs]
    parts.append(f'<text x="60" y="24" fill="{OURS}">Ottla</text><text x="120" y="24" fill="{THEIRS}">Apache Kafka</text>')
    return svg(400, parts)


def main():
    report = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "race-ratios.svg").write_text(ratios(report["figures"]), encoding="utf-8")
    latencies = percentiles(report["raw"])
    if latencies:
        (folder / "race-flow.svg").write_text(latencies, encoding="utf-8")


if __name__ == "__main__":
    main()
