"""`anxin kb gate`: what publishing the drafts would do to the questions that are answered now. Writes nothing."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from service.cli.kb_content import open_database

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

    from knowledge_base.items import Item
    from knowledge_base.live import LiveKnowledgeBase
    from service.settings import Settings


@click.command(name="gate")
@click.argument("entry", required=False)
def gate_command(entry: str | None) -> None:
    """Ask the base's questions of the draft of ENTRY, or of each draft by itself.

    \b
    Each draft is one line:
      {"entry": "return_window", "verdict": "stopped", "losses": [{"question":
       "…", "from": "return_how", "to": "return_window", …}], "lost": 7,
       "thieves": ["return_window"], "gains": 0, "cost": 51.0,
       "allowed": 14.8, "asked": 148, "took_ms": 1900}
    A draft that cannot be published has "problems" in place of a verdict.

    Exit codes: 0 all pass, 1 one is stopped or has problems, 2 there is no such draft.
    """
    with open_database() as (settings, url):
        is_passed = asyncio.run(_gate(settings, url, entry))
    if not is_passed:
        raise SystemExit(1)


async def _gate(settings: Settings, url: str, entry: str | None) -> bool:
    from psycopg_pool import AsyncConnectionPool

    from knowledge_base.encoder import load_encoder
    from knowledge_base.live import LiveKnowledgeBase
    from service.cli.json_lines import write_line

    section = settings.sections.knowledge_base
    encoder = load_encoder(settings.home / section.encoder)
    is_passed = True
    async with AsyncConnectionPool(url, min_size=1, max_size=3, open=False) as pool:
        live = LiveKnowledgeBase(pool, encoder, section.costs)
        for item in await _drafts(pool, entry):
            line = await _run(live, item, settings)
            write_line(sys.stdout.buffer, line)
            is_passed = is_passed and line.get("verdict") == "passed"
    return is_passed


async def _drafts(pool: AsyncConnectionPool, entry: str | None) -> list[Item]:
    from knowledge_base.listing import read_drafts

    async with pool.connection() as conn:
        found = [item for item in await read_drafts(conn) if entry in (None, item.id)]
    if entry is not None and not found:
        raise click.UsageError(f"There is no draft of an entry {entry!r}.")
    return found


async def _run(live: LiveKnowledgeBase, item: Item, settings: Settings) -> dict[str, object]:
    from rich.console import Console
    from rich.progress import Progress

    from knowledge_base.changed_base import Changes
    from knowledge_base.editing import draft_problems
    from knowledge_base.gate_asking import run_gate
    from knowledge_base.items import entry_from_json

    async with live.connection() as conn:
        problems = await draft_problems(conn, item)
    if problems or item.draft is None:
        return {"entry": item.id, "problems": [str(problem) for problem in problems]}
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(item.id, total=None)

        async def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        changes = Changes(entries={item.id: entry_from_json(item.id, item.draft)})
        result = await run_gate(live, changes, settings.sections.knowledge_base.costs, tell)
    return {"entry": item.id, **result.as_json()}
