"""`anxin kb gaps`: what customers asked in vain, as JSON lines, the dearest first."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from knowledge_base.policy import LANGUAGES
from service.cli.kb_content import open_database

if TYPE_CHECKING:
    from service.settings import Settings


@click.command(name="gaps")
@click.option(
    "--days", type=click.IntRange(1, 366), default=30, show_default=True, help="The last so many days."
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Only what was asked in this language.")
@click.option("--limit", type=click.IntRange(1), help="At most so many gaps.")
def gaps_command(days: int, language: str | None, limit: int | None) -> None:
    """What customers asked in vain, grouped by meaning: one JSON object a line, the dearest first.

    \b
    {"id": "q3.…", "name": "礼品卡能开发票吗", "language": "zh-Hans", "count": 4,
     "cost": 15.0, "questions": [{"text", "language", "at", "conversation",
     "seq", "why"}], "agents_answers": ["…"], "nearest": "invoice_how"}
    why is unhelpful, handed_over, declined or asked_back (and not taken).
    Numbers, names and addresses are masked.

    Exit codes: 0 done, 1 the database cannot be used.
    """
    with open_database() as (settings, url):
        asyncio.run(_gaps(settings, url, days, language, limit))


async def _gaps(settings: Settings, url: str, days: int, language: str | None, limit: int | None) -> None:
    from psycopg_pool import AsyncConnectionPool

    from desk.knowledge_gaps import KnowledgeGaps, Period
    from knowledge_base.encoder import load_encoder
    from knowledge_base.gaps import costs_of
    from service.cli.json_lines import write_line
    from service.http.knowledge_uses import gap_json

    section = settings.sections.knowledge_base
    encoder = load_encoder(settings.home / section.encoder)
    async with AsyncConnectionPool(url, min_size=1, max_size=2, open=False) as pool:
        desk = KnowledgeGaps(pool, encoder, costs_of(section.costs))
        found = await desk.find(Period(days=days, until=datetime.now(UTC)), language=language)
        shown = found[:limit]
        titles = await desk.titles([gap.nearest for gap in shown if gap.nearest])
        for gap in shown:
            write_line(sys.stdout.buffer, gap_json(gap, titles))
