"""`anxin kb search`: the knowledge base on the command line, JSON lines in and out; and its upkeep.

It talks to the database that runs, or to an embedded one that it starts for as long as it takes.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from knowledge_base.policy import LANGUAGES, Language
from service.cli.kb_content import calibration_command, export_command, import_command, open_database
from service.cli.kb_gaps import gaps_command
from service.cli.kb_gate import gate_command

ENTRY_ID = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)?")

if TYPE_CHECKING:
    from knowledge_base.live import LiveKnowledgeBase
    from knowledge_base.search import SearchOutcome
    from service.cli.json_lines import Line
    from service.settings import Settings


@click.group()
def command() -> None:
    """The knowledge base."""
    import structlog

    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )  # answers alone on standard output


command.add_command(gaps_command)
command.add_command(import_command)
command.add_command(export_command)
command.add_command(gate_command)
command.add_command(calibration_command)


@command.command()
@click.argument("texts", nargs=-1)
@click.option(
    "--lang", type=click.Choice(LANGUAGES), help="Language of lines that name none; default: as typed."
)
def search(texts: tuple[str, ...], lang: Language | None) -> None:
    """Search for each line of standard input, or for each TEXT.

    \b
    A line is a JSON object, or is itself the text:
      {"id": 1, "text": "七天无理由退货怎么算", "lang": "zh-Hans",
       "customer": {"vip": true}, "context": "return_window"}
    id        any value, handed through
    lang      zh-Hans, zh-Hant-HK or en: the language of the answer;
              default: as the text is written
    customer  facts on customer and order: vip, sale, fresh_food, electronics,
              shop_at_fault (true or false), region (mainland, remote,
              overseas), order (unpaid, unshipped, shipped, delivered, closed);
              a customer number instead means that nothing is known
    context   the id of the entry answered before, or a list of ids and texts
              of which the last id counts

    \b
    Each answer is one line:
      {"id": 1, "outcome": "answer", "probability": 0.97, "candidates":
       [{"entry": "return_window", "probability": 0.97, "phrasing": "…"}],
       "answers": [{"entry": "return_window", "text": "…",
       "language": "zh-Hans"}]}
    outcome is answer, ask (ask back among the candidates) or decline.
    Several questions in one line get an answer each, in the order asked.

    Exit codes: 0 done, 1 the base cannot be searched, 2 a line without text or with a wrong field.
    """
    from service.cli.json_lines import Line, LineError, read_lines

    lines = (Line(text=text) for text in texts) if texts else read_lines(sys.stdin.buffer)
    with open_database() as (settings, url):
        try:
            asyncio.run(_search(settings, url, lines, lang))
        except LineError as error:
            raise click.UsageError(str(error)) from None


@command.command(name="upkeep")
def upkeep_command() -> None:
    """Bring vectors and probabilities in step with what is published; the service does this by itself."""
    with open_database() as (settings, url):
        asyncio.run(_upkeep(settings, url))


async def _search(settings: Settings, url: str, lines: Iterable[Line], lang: Language | None) -> None:
    from psycopg_pool import AsyncConnectionPool

    from knowledge_base.encoder import load_encoder
    from knowledge_base.live import LiveKnowledgeBase
    from knowledge_base.upkeep import bring_up_to_date
    from service.cli.json_lines import write_line
    from service.knowledge_content import import_folder

    section = settings.sections.knowledge_base
    encoder = load_encoder(settings.home / section.encoder)
    async with AsyncConnectionPool(url, min_size=1, max_size=2, open=False) as pool:
        base = LiveKnowledgeBase(pool, encoder, section.costs)
        if not (await base.policy()).figures:
            click.echo("The knowledge base is empty; importing the configured content first.", err=True)
            await import_folder(pool, settings, now=datetime.now(UTC))
            await bring_up_to_date(pool, encoder)
        for line in lines:
            write_line(sys.stdout.buffer, line.answer(await answer(base, line, lang)))


async def _upkeep(settings: Settings, url: str) -> None:
    from psycopg_pool import AsyncConnectionPool

    from knowledge_base.encoder import load_encoder
    from knowledge_base.upkeep import bring_up_to_date

    encoder = load_encoder(settings.home / settings.sections.knowledge_base.encoder)
    async with AsyncConnectionPool(url, min_size=1, max_size=2, open=False) as pool:
        await bring_up_to_date(pool, encoder)


async def answer(base: LiveKnowledgeBase, line: Line, lang: Language | None = None) -> dict[str, object]:
    """The answer to one line, without its id. Raises LineError for a wrong field."""
    from service.cli.json_lines import LineError

    if problem := _problem(line.given):
        raise LineError(problem)
    customer = line.given.get("customer")
    language = line.given.get("lang") or lang or written_language(line.text)
    found = await base.search(
        line.text,
        language=language,
        context=_previous(line.given.get("context")),
        customer=customer if isinstance(customer, dict) else {},
    )
    return _as_json(found)


def written_language(text: str) -> Language:
    """As typed: no Chinese → en; traditional or Cantonese characters → zh-Hant-HK; else zh-Hans."""
    from routing.language import detect

    found = detect(text, None)
    return next((known for known in LANGUAGES if known == found), "zh-Hans")


def _problem(given: Mapping[str, object]) -> str | None:
    from knowledge_base.entries import CONDITIONS

    lang, customer = given.get("lang"), given.get("customer")
    if lang is not None and lang not in LANGUAGES:
        return f"lang {lang!r} is not known; known: {', '.join(LANGUAGES)}."
    if customer is not None and not isinstance(customer, dict | str | int):
        return "customer must be an object of facts, or a customer number."
    for name, value in customer.items() if isinstance(customer, dict) else ():
        if name not in CONDITIONS:
            return f"customer.{name} is not known; known: {', '.join(CONDITIONS)}."
        if isinstance(value, list | dict) or value not in CONDITIONS[name]:
            return f"customer.{name} cannot be {value!r}."
    return None


def _previous(context: object) -> str | None:
    """The last thing in the context that can be an entry's id."""
    named = context if isinstance(context, list) else [context]
    ids = [name for name in named if isinstance(name, str) and ENTRY_ID.fullmatch(name)]
    return ids[-1] if ids else None


def _as_json(found: SearchOutcome) -> dict[str, object]:
    return {
        "outcome": found.outcome,
        "probability": round(found.probability, 4),
        "candidates": [
            {"entry": c.entry, "probability": c.probability, "phrasing": c.phrasing} for c in found.candidates
        ],
        "answers": [
            {"entry": entry, "text": text, "language": written}
            for entry, text, written in zip(found.answered, found.answers, found.languages, strict=True)
        ],
    }
