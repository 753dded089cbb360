"""`anxin kb search`: the knowledge base on the command line, JSON lines in and out.

It searches the content folder itself; no database, no Rasa, no running desk.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TextIO

import click

from knowledge_base.entries import CONDITIONS
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.policy import LANGUAGES
from knowledge_base.search import Context, PhrasingSearch, SearchOutcome, load_knowledge_base

MAX_LINE = 200_000


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
def search(texts: tuple[str, ...], lang: str | None, content: Path | None) -> None:
    """Search for each line of standard input, or for each TEXT.

    \b
    A line is JSON, or is itself the text:
      {"id": 1, "text": "七天无理由退货怎么算", "lang": "zh-Hans", "customer": {"vip": true}, "context": "return_window"}
    id        any value, handed through
    lang      zh-Hans, zh-Hant-HK or en: the language of the answer; default: as the text is written
    customer  facts on customer and order: vip, sale, fresh_food, electronics, shop_at_fault (true or false),
              region (mainland, remote, overseas), order (unpaid, unshipped, shipped, delivered, closed);
              a bare customer number is accepted and means that nothing is known
    context   the id of the entry answered before, or a list whose last known id counts

    \b
    Each answer is one line:
      {"id": 1, "outcome": "answer", "probability": 0.97,
       "candidates": [{"entry": "return_window", "probability": 0.97, "phrasing": "…"}],
       "answers": [{"entry": "return_window", "text": "…", "language": "zh-Hans"}]}
    outcome is answer, ask (ask back among the candidates) or decline. A line that cannot be read is answered
    {"id": …, "error": {"code": "invalid_input", "message": "…"}} and the command ends with exit code 1.
    """
    try:
        base = _load(content)
    except KnowledgeBaseError as error:
        raise click.ClickException(str(error)) from None
    lines: Iterable[str] = texts or _lines(sys.stdin)
    failed = False
    for line in lines:
        if not line.strip() and not texts:
            continue
        answer = answer_line(base, line, lang)
        failed = failed or "error" in answer
        click.echo(json.dumps(answer, ensure_ascii=False))
        sys.stdout.flush()
    if failed:
        sys.exit(1)


def answer_line(base: PhrasingSearch, line: str, lang: str | None = None) -> dict[str, object]:
    """One line in, one answer out; wrong input becomes an error in the answer."""
    request = _request(line)
    shown = {"id": request["id"]} if "id" in request else {}
    problem = _problem(request)
    if problem:
        return {**shown, "error": {"code": "invalid_input", "message": problem}}
    text = str(request["text"])
    language = request.get("lang") or lang or written_language(text)
    customer = request.get("customer")
    found = base.search(
        text,
        language=next(known for known in LANGUAGES if known == language),
        context=Context(previous_entry=_previous(request.get("context"), base)),
        customer=customer if isinstance(customer, dict) else {},
    )
    return {**shown, **_as_json(found)}


def written_language(text: str) -> str:
    """As typed: mostly Latin → en; traditional or Cantonese characters → zh-Hant-HK; else zh-Hans."""
    from knowledge_base.text_normalisation import simplified

    chinese = sum("\u3400" <= c <= "\u9fff" for c in text)
    if not chinese:
        return "en" if any(c.isalpha() for c in text) else "zh-Hans"
    return (
        "zh-Hant-HK"
        if simplified(text) != text or any(c in "嘅咗喺冇佢哋嘢唔啲嚟" for c in text)
        else "zh-Hans"
    )


def _load(content: Path | None) -> PhrasingSearch:
    from service.settings import SettingsError, load

    try:
        settings = load()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    ours = settings.sections.knowledge_base
    return load_knowledge_base(
        content or settings.home / ours.content,
        answer_probability=ours.answer_probability,
        ask_probability=ours.ask_probability,
    )


def _lines(stream: TextIO) -> Iterable[str]:
    stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    for line in stream:
        yield line.rstrip("\n")


def _request(line: str) -> dict[str, object]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {"text": line}
    return value if isinstance(value, dict) else {"text": line}


def _problem(request: Mapping[str, object]) -> str | None:
    text, lang = request.get("text"), request.get("lang")
    if not isinstance(text, str):
        return "text is missing or not a string."
    if len(text) > MAX_LINE:
        return f"text: at most {MAX_LINE} characters."
    if lang is not None and lang not in LANGUAGES:
        return f"lang {lang!r} is not known; known: {', '.join(LANGUAGES)}."
    customer = request.get("customer")
    if customer is not None and not isinstance(customer, dict | str):
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


def _as_json(found: SearchOutcome) -> dict[str, object]:
    return {
        "outcome": found.outcome.value,
        "probability": round(found.probability, 4),
        "candidates": [
            {"entry": c.entry, "probability": c.probability, "phrasing": c.phrasing} for c in found.candidates
        ],
        "answers": [{"entry": a.entry, "text": a.text, "language": a.language} for a in found.answers],
    }
