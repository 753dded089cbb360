"""The import arrows: service → bot → desk → routing, knowledge_base; and what nobody may import at the top."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "routing": set(),
    "knowledge_base": set(),
    "desk": {"routing", "knowledge_base"},
    "bot": {"desk", "routing", "knowledge_base"},
    "service": {"bot", "desk", "routing", "knowledge_base"},
    "evaluation": {"service", "bot", "desk", "routing", "knowledge_base"},
}
"""Package → packages of ours that it may import; itself always."""
MEASURING_COMMANDS = {"service/cli/bench.py", "service/cli/verify.py", "service/cli/eval.py"}
"""Thin fronts of programs in evaluation, loaded only when they are called."""
PURE = ("routing", "knowledge_base")
WEB = {"aiohttp"}
"""What decides and what knows must not know how it is served."""
HEAVY = {"torch", "sentence_transformers", "tensorflow", "rasa", "playwright"}
"""Imported where they are used, never at the top of a module; evaluation's modules are programs of their own."""


def imported(tree: ast.AST) -> Iterator[str]:
    """Top-level names of all modules that are imported anywhere below `tree`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def wrong_arrows(package: str, source: str) -> set[str]:
    foreign = set(imported(ast.parse(source))) & (set(MAY_IMPORT) | {"tests"})
    return foreign - MAY_IMPORT[package] - {package}


def imported_at_top(source: str) -> set[str]:
    body = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return {name for node in body for name in imported(node)}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_packages_import_only_along_the_arrows(package: str) -> None:
    assert modules(package), f"{package} is empty"
    found = {
        str(path.relative_to(ROOT)): wrong_arrows(package, path.read_text()) for path in modules(package)
    }
    for path in MEASURING_COMMANDS & set(found):
        found[path] -= {"evaluation"}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize("package", PURE)
def test_deciding_and_knowing_know_nothing_of_the_web(package: str) -> None:
    found = {
        str(p.relative_to(ROOT)): set(imported(ast.parse(p.read_text()))) & WEB for p in modules(package)
    }
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize("package", sorted(set(MAY_IMPORT) - {"evaluation"}))
def test_heavy_libraries_are_imported_where_they_are_used(package: str) -> None:
    in_rasas_environment = ROOT / "bot" / "components"
    paths = [path for path in modules(package) if in_rasas_environment not in path.parents]
    found = {str(path.relative_to(ROOT)): imported_at_top(path.read_text()) & HEAVY for path in paths}
    assert {path: names for path, names in found.items() if names} == {}


def test_a_wrong_arrow_is_found() -> None:
    assert wrong_arrows("routing", "def f():\n    from desk.orders import Order") == {"desk"}
    assert wrong_arrows("desk", "import bot.effects, routing.triage") == {"bot"}
    assert wrong_arrows("desk", "from desk.errors import DeskError\nimport numpy") == set()
    assert imported_at_top("import torch\ndef f():\n    import rasa") == {"torch"}
