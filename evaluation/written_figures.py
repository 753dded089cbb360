"""docs/figures: a Markdown page and a JSON file for each model, an index of all, and the figures that other pages quote.

A quote stands in a page as `<!--figure triage:measures/angry_recall-->0.91<!--/-->`: file, then the path in its JSON; it is
written anew with the figures, with as many decimals as before, and a test holds every page to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from bot.rasa_places import PROGRAM
from evaluation.measured_models import COMMAND, COMPARISON_SEED, Measured

FIGURES: Final = PROGRAM / "docs" / "figures"
TITLES: Final[Mapping[str, str]] = {
    "encoder": "The sentence encoder in figures",
    "triage": "Triage in figures",
    "intents": "Intents in figures",
    "knowledge": "The knowledge base's search in figures",
    "knowledge_speed": "Search as a base grows",
    "knowledge_import": "A large FAQ imported",
    "chat": "Chat under load",
}
PICTURES: Final[Mapping[str, str]] = {
    "triage": "\n\n![Stated probability against how often it was right](triage_reliability.svg)",
    "knowledge_speed": "\n\n![Milliseconds of a search over the number of entries](knowledge_speed.svg)",
}
"""Below the tables of a page."""
BENCH: Final = "anxin bench chat --start --write"
PAGES: Final = ("*.md", "docs/**/*.md", "knowledge_base/**/*.md", "routing/**/*.md", "nlu_data/**/*.md")
ABOUT: Final = {
    "command": str,
    "measured_at": str,
    "seeds": dict,
    "data": dict,
    "versions": dict,
    "machine": dict,
}
QUOTE: Final = re.compile(r"<!--figure (?P<file>\w+):(?P<path>[^>]+?)-->(?P<value>[^<]*)<!--/-->")


class WrongFigures(ValueError):
    """A figures file that does not have the shape that pages and tests rely on."""


def write(name: str, measured: Measured, folder: Path = FIGURES) -> None:
    """<name>.json and <name>.md; triage's page has its diagram besides. Raises WrongFigures before writing anything."""
    check(name, measured.figures)
    folder.mkdir(parents=True, exist_ok=True)
    if name == "triage":
        from evaluation import triage_report

        triage_report.write(folder, measured.figures)
    command = measured.figures["about"]["command"]
    intro = f"# {TITLES[name]}\n\nWritten by `{command}`; all of it as [JSON]({name}.json).\n\n"
    page = intro + measured.markdown.strip() + PICTURES.get(name, "") + "\n"
    (folder / f"{name}.md").write_text(page, encoding="utf-8")
    written = json.dumps(measured.figures, indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(written + "\n", encoding="utf-8")


def check(name: str, figures: Mapping[str, Any]) -> None:
    """That `about` is whole and everything else is text, numbers, lists and mappings of them. Raises WrongFigures."""
    known = figures.get("about")
    if not isinstance(known, Mapping):
        raise WrongFigures(f"{name}: about is missing")
    for key, kind in ABOUT.items():
        if not isinstance(known.get(key), kind):
            raise WrongFigures(f"{name}: about.{key} must be a {kind.__name__}")
    if not known["data"] or not all(re.fullmatch(r"[0-9a-f]{16}", str(h)) for h in known["data"].values()):
        raise WrongFigures(f"{name}: about.data must be hashes of files")
    if not isinstance(known["machine"].get("cores"), int):
        raise WrongFigures(f"{name}: about.machine.cores must be a number")
    if not any(isinstance(value, float) and 0 <= value <= 100 for value in _leaves(figures)):
        raise WrongFigures(f"{name}: holds no figure")


def _leaves(value: Any) -> Iterator[Any]:
    children = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else None
    if children is None:
        if value is not None and not isinstance(value, str | int | float | bool):
            raise WrongFigures(f"{type(value).__name__} is no JSON")
        yield value
        return
    for child in children:
        yield from _leaves(child)


def read_all(folder: Path = FIGURES) -> dict[str, Any]:
    """All figures files by name."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))}


def write_index(folder: Path = FIGURES) -> None:
    """README.md: every page of figures with seeds, data, versions and machine."""
    found = {name: figures for name, figures in read_all(folder).items() if name in TITLES}
    lines = ["# Figures", "", "| page | written by | measured | cores | seeds |", "|---|---|---|---:|---|"]
    for name, figures in found.items():
        known = figures.get("about") or {}
        machine = known.get("machine") or figures.get("machine") or {}
        seeds = ", ".join(f"{k} {v}" for k, v in (known.get("seeds") or {}).items()) or "in its JSON"
        command = known.get("command", BENCH if name == "chat" else COMMAND)
        measured = known.get("measured_at") or figures.get("measured_at", "")
        lines.append(
            f"| [{TITLES[name]}]({name}.md) | `{command}` | {measured} | {machine.get('cores', '')} | {seeds} |"
        )
    lines += ["", f"The paired bootstrap of `anxin train` draws with seed {COMPARISON_SEED}.", ""]
    lines += ["| data | sha256, 16 digits |", "|---|---|"]
    hashes = {
        file: h
        for figures in found.values()
        for file, h in (figures.get("about") or {}).get("data", {}).items()
    }
    lines += [f"| {file} | {digest} |" for file, digest in sorted(hashes.items())]
    versions = {
        k: v
        for figures in found.values()
        for k, v in (figures.get("about") or {}).get("versions", {}).items()
    }
    lines += ["", "Versions: " + ", ".join(f"{name} {number}" for name, number in versions.items()) + "."]
    (folder / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def pages() -> list[Path]:
    """The pages that may quote figures."""
    return sorted({page for pattern in PAGES for page in PROGRAM.glob(pattern)})


def freshly_quoted(text: str, figures: Mapping[str, Any]) -> str:
    """`text` with every quote as the figures have it. Raises WrongFigures for a path that leads nowhere."""
    return QUOTE.sub(lambda quote: _fresh(quote, figures), text)


def _fresh(quote: re.Match[str], figures: Mapping[str, Any]) -> str:
    value: Any = figures.get(quote["file"])
    for step in quote["path"].split("/"):
        if not isinstance(value, Mapping) or step not in value:
            raise WrongFigures(f"{quote['file']}.json has no {quote['path']}")
        value = value[step]
    decimals = len(quote["value"].partition(".")[2])
    return f"<!--figure {quote['file']}:{quote['path']}-->{float(value):.{decimals}f}<!--/-->"


def quote_anew(folder: Path = FIGURES) -> list[Path]:
    """Bring the quotes of all pages in step with the files; the pages that changed."""
    figures, changed = read_all(folder), []
    for page in pages():
        before = page.read_text(encoding="utf-8")
        after = freshly_quoted(before, figures)
        if after != before:
            page.write_text(after, encoding="utf-8")
            changed.append(page)
    return changed
