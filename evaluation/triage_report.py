"""Triage's figures as text, as Markdown and JSON under docs/figures, and the reliability diagram as SVG."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

SIDE: Final = 260
MARGIN: Final = 42
COMMAND: Final = "python -m evaluation.triage --reviews <public data> --write"


def content_hash(files: Sequence[Path]) -> str:
    """16 hex digits of the files' content."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def as_text(figures: Mapping[str, Any]) -> str:
    """The tables, for a terminal and for Markdown alike."""
    return "\n".join(_lines(figures))


def _lines(figures: Mapping[str, Any]) -> Iterator[str]:
    yield f"{figures['messages']} held-out messages (sha256 {figures['data']['heldout']}); "
    yield f"trained on {figures['data']['examples']} in {figures['training_s']} s."
    yield from ("", "## Beside what else there is", "")
    yield from _table("figure", figures["peers"])
    yield from ("", "## By language", "")
    yield from _table("figure", figures["languages"])
    if "reviews" in figures:
        yield from ("", "## Reviews, positive against negative (accuracy, neutral counts as wrong)", "")
        yield from _table("set", figures["reviews"])
    yield from ("", "## Calibration, words, policy, speed", "")
    for name in (
        "calibration_error",
        "exact_calibration_error",
        "words_lower_the_probability",
        "handoffs",
        "speed",
    ):
        yield f"- {name.replace('_', ' ')}: " + ", ".join(f"{k} {v}" for k, v in figures[name].items())
    for head, bins in figures["reliability"].items():
        yield from ("", f"### Reliability of {head} (bins of equal mass, 95 % intervals)", "")
        yield "| stated | right | interval | messages |"
        yield "|---:|---:|---:|---:|"
        for each in bins:
            yield (
                f"| {each['stated']:.3f} | {each['right']:.3f} "
                f"| {each['low']:.3f}–{each['high']:.3f} | {each['messages']} |"
            )


def _table(first: str, columns: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Columns by name; rows are the figures of the first column."""
    yield f"| {first} | " + " | ".join(columns) + " |"
    yield "|---|" + "---:|" * len(columns)
    for row in next(iter(columns.values())):
        yield f"| {row} | " + " | ".join(f"{values[row]:g}" for values in columns.values()) + " |"


def write(folder: Path, figures: Mapping[str, Any]) -> None:
    """triage.md, triage.json and triage_reliability.svg."""
    intro = f"# Triage in figures\n\nWritten by `{COMMAND}`; all of it as [JSON](triage.json).\n\n"
    picture = "\n\n![Stated probability against how often it was right](triage_reliability.svg)\n"
    (folder / "triage.md").write_text(intro + as_text(figures) + picture, encoding="utf-8")
    (folder / "triage.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (folder / "triage_reliability.svg").write_text(_diagram(figures["reliability"]), encoding="utf-8")


def _diagram(heads: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """One square a head: the diagonal is honest, each bar a 95 % interval."""
    width = len(heads) * (SIDE + MARGIN) + MARGIN
    squares = "".join(
        f'<g transform="translate({MARGIN + i * (SIDE + MARGIN)} {MARGIN})">{_square(head, bins)}</g>'
        for i, (head, bins) in enumerate(heads.items())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {SIDE + 2 * MARGIN}" '
        f'font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="#fff"/>{squares}</svg>\n'
    )


def _square(head: str, bins: Sequence[Mapping[str, float]]) -> str:
    marks = "".join(_mark(each) for each in bins)
    return (
        f'<text x="{SIDE / 2}" y="-12" text-anchor="middle">{head}: right against stated</text>'
        f'<rect width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>'
        f'<path d="M0 {SIDE}L{SIDE} 0" stroke="#bbb" stroke-dasharray="4 4"/>{marks}'
        f'<text y="{SIDE + 16}">0</text><text x="{SIDE}" y="{SIDE + 16}" text-anchor="end">1</text>'
    )


def _mark(each: Mapping[str, float]) -> str:
    x, y = each["stated"] * SIDE, (1 - each["right"]) * SIDE
    low, high = (1 - each["low"]) * SIDE, (1 - each["high"]) * SIDE
    return (
        f'<path d="M{x:.1f} {low:.1f}V{high:.1f}" stroke="#06c"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#06c"/>'
    )
