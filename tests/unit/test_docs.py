"""What the documentation names is there: files, headings, commands, settings, variables."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from service.cli import COMMANDS
from service.settings import OTHER_VARIABLES, SECRETS, Sections

ROOT = Path(__file__).parents[2]
LARGEST_PICTURE = 400_000
DECISIONS = ROOT / "docs" / "decisions"

FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
COMMAND = re.compile(
    r"(?:^|&& |; )(?:[A-Z_]+=\S* )*(?:\S*/)?anxin ([a-z]+)(?: ([a-z]+))?(?![\w/])", re.MULTILINE
)
KNOWN_SETTINGS = {f"{section}.{key}" for section, model in Sections() for key in type(model).model_fields}


def pages() -> list[Path]:
    own = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "nlu_data").rglob("*.md")]
    return sorted(own)


def code_of(page: Path) -> str:
    """Fenced and inline code, a piece a line."""
    text = page.read_text(encoding="utf-8")
    fenced = [block.split("\n", 1)[1].rstrip("`\n") for block in FENCE.findall(text)]
    inline = [" ".join(found.split()) for found in INLINE.findall(FENCE.sub("", text))]
    return "\n".join([*fenced, *inline])


def prose_of(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Headings as a link names them."""
    titles = [title.lower().replace("`", "") for _, title in HEADING.findall(prose_of(page))]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


def named(pattern: str) -> Iterator[tuple[Path, re.Match[str]]]:
    for page in pages():
        for found in re.finditer(pattern, code_of(page), re.MULTILINE):
            yield page, found


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(prose_of(page)):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = {found[1] for _, found in named(r"(?:^|&& )make ([a-z][a-z-]*)")}
    assert {"serve", "test", "setup"} <= asked
    assert asked <= targets


def test_every_command_exists() -> None:
    wrong = []
    for page, found in named(COMMAND.pattern):
        name, word = found.groups()
        if name not in COMMANDS:
            wrong.append(f"{page.name}: {found[0]}")
            continue
        command = importlib.import_module(f"service.cli.{name}").command
        if isinstance(command, click.Group) and word not in {None, *command.commands}:
            wrong.append(f"{page.name}: {found[0]}")
    assert wrong == []


def test_every_module_that_is_run_exists() -> None:
    modules = {found[1] for _, found in named(r"python -m ([\w.]+)")}
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []


def is_of_another_kind(name: str) -> bool:
    """A log, or a module of a package that is named like its section."""
    section, key = name.split(".")
    return key == "log" or (ROOT / section / f"{key}.py").exists()


def test_every_setting_exists() -> None:
    asked = {found[0] for _, found in named(rf"^(?:{'|'.join(Sections.model_fields)})\.[a-z_]+$")}
    asked = {name for name in asked if not is_of_another_kind(name)}
    assert len(asked) > 50
    assert asked <= KNOWN_SETTINGS


def test_every_environment_variable_exists() -> None:
    of_settings = {f"ANXIN_{name.replace('.', '__').upper()}" for name in KNOWN_SETTINGS}
    asked = {found[0] for _, found in named(r"\bANXIN_[A-Z0-9_]+\b")}
    assert asked - of_settings - set(SECRETS) - set(OTHER_VARIABLES) <= {"ANXIN_SECTION__KEY"}


def test_every_file_of_ours_that_is_named_exists() -> None:
    ours = (
        r"^(?:(?:bot|desk|routing|knowledge_base|service|evaluation|tests|docs|nlu_data)/[\w./-]*\w\.[a-z]+)$"
    )
    missing = {found[0] for _, found in named(ours) if not (ROOT / found[0]).exists()}
    assert missing == set()


def test_both_readmes_have_the_same_parts() -> None:
    english, chinese = (
        [level for level, _ in HEADING.findall(prose_of(ROOT / name))]
        for name in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese
    assert len(english) > 3


def test_every_decision_is_numbered_complete_and_listed() -> None:
    found = sorted(DECISIONS.glob("[0-9]*.md"))
    assert [page.name[:5] for page in found] == [f"{n:04}-" for n in range(1, len(found) + 1)]
    assert {page.name for page in DECISIONS.glob("*.md")} == {page.name for page in found} | {"README.md"}
    listed = set(LINK.findall(prose_of(DECISIONS / "README.md")))
    for page in found:
        titles = [title for _, title in HEADING.findall(prose_of(page))][1:]
        assert titles == ["Context", "Decision", "Consequences"], page.name
        assert page.name in listed


def test_pictures_are_small() -> None:
    large = [
        picture.name
        for picture in (ROOT / "docs").rglob("*")
        if picture.suffix in {".png", ".jpg", ".webp", ".svg"} and picture.stat().st_size > LARGEST_PICTURE
    ]
    assert large == []
