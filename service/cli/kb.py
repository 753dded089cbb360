"""`anxin kb search`: the knowledge base on the command line, JSON lines in and out.

It searches the content folder itself; no database, no Rasa, no running desk.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from knowledge_base.policy import LANGUAGES, Language

if TYPE_CHECKING:
    from knowledge_base.search import PhrasingSearch, SearchOutcome
    from service.cli.json_lines import Line


@click.group()
def command() -> None:
    """The knowledge base."""


@command.command()
@click.argument("texts", nargs=-1)
@click.option(
    "--lang", type=click.Choice(LANGUAGES), help="Language of lines that name none; default: as typed."
)
@click.option(
    "--content", type=click.Path(path_type=Path), help="Content folder instead of the configured one."
)
def search(texts: tuple[str, ...], lang: Language | None, content: Path | None) -> None:
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
              of which the last known id counts

    \b
    Each answer is one line:
      {"id": 1, "outcome": "answer", "probability": 0.97, "candidates":
       [{"entry": "return_window", "probability": 0.97, "phrasing": "…"}],
       "answers": [{"entry": "return_window", "text": "…",
       "language": "zh-Hans"}]}
    outcome is answer, ask (ask back among the candidates) or decline.

    Exit codes: 0 done, 1 the content cannot be used, 2 a line without text or with a wrong field.
    """
    from knowledge_base.errors import KnowledgeBaseError
    from service.cli.json_lines import Line, LineError, read_lines, write_line

    try:
        base = _load(content)
    except KnowledgeBaseError as error:
        raise click.ClickException(str(error)) from None
    lines = (Line(text=text) for text in texts) if texts else read_lines(sys.stdin.buffer)
    try:
        for line in lines:
            write_line(sys.stdout.buffer, line.answer(answer(base, line, lang)))
    except LineError as error:
        raise click.UsageError(str(error)) from None


def answer(base: PhrasingSearch, line: Line, lang: Language | None = None) -> dict[str, object]:
    """The answer to one line, without its id. Raises LineError for a wrong field."""
    from service.cli.json_lines import LineError

    if problem := _problem(line.given):
        raise LineError(problem)
    customer = line.given.get("customer")
    language = line.given.get("lang") or lang or written_language(line.text)
    found = base.search(
        line.text,
        language=language,
        context=_previous(line.given.get("context"), base),
        customer=customer if isinstance(customer, dict) else {},
    )
    return _as_json(found, language)


def written_language(text: str) -> Language:
    """As typed: no Chinese → en; traditional or Cantonese characters → zh-Hant-HK; else zh-Hans."""
    from routing.language import detect

    found = detect(text, None)
    return next((known for known in LANGUAGES if known == found), "zh-Hans")


def _load(content: Path | None) -> PhrasingSearch:
    from knowledge_base.search import load_knowledge_base
    from service.cli.settings_problems import load_or_exit

    settings = load_or_exit()
    ours = settings.sections.knowledge_base
    return load_knowledge_base(
        content or settings.home / ours.content,
        answer_probability=ours.answer_probability,
        ask_probability=ours.ask_probability,
    )


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


def _previous(context: object, base: PhrasingSearch) -> str | None:
    named = context if isinstance(context, list) else [context]
    known = [n for n in named if isinstance(n, str) and n in base.entries]
    return known[-1] if known else None


def _as_json(found: SearchOutcome, language: str) -> dict[str, object]:
    return {
        "outcome": found.outcome,
        "probability": round(found.probability, 4),
        "candidates": [
            {"entry": c.entry, "probability": c.probability, "phrasing": c.phrasing} for c in found.candidates
        ],
        "answers": [
            {"entry": entry, "text": text, "language": language}
            for entry, text in zip(found.answered, found.answers, strict=True)
        ],
    }
