"""`anxin nlu`: intent and entities of each line, by the running Rasa server.

`{id, text}` or plain text in, `{id, intent: {name, confidence}, entities: […]}` out, a JSON object a line.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from bot.extraction import extract
from bot.rasa_client import RasaClient, RasaUnavailable
from bot.rasa_places import rasa_token, rasa_url
from service.cli.json_lines import write_line
from service.cli.settings_problems import load_or_exit
from service.settings import Settings

PATIENCE_S = 20.0


@click.command(name="nlu")
@click.option("--requested-slot", default=None, help="What an open form waits for, e.g. phone_tail_ref.")
def command(requested_slot: str | None) -> None:
    """Read lines (JSON `{id, text}` or plain text) and print intent and entities of each, as JSON lines.

    The Rasa server must run (`anxin serve`). Exit codes: 0 done, 1 Rasa is not there, 2 usage.
    """
    settings = load_or_exit()
    try:
        asyncio.run(_answer(settings, _decoded(sys.stdin.buffer), requested_slot))
    except RasaUnavailable as error:
        click.echo(
            f"Rasa does not answer at {rasa_url(settings)} ({error}). Start it with `anxin serve`.", err=True
        )
        sys.exit(1)


async def _answer(settings: Settings, lines: Iterable[str], requested_slot: str | None) -> None:
    client = RasaClient(rasa_url(settings), rasa_token(settings), timeout_s=PATIENCE_S)
    try:
        if not (await client.health()).ready:
            raise RasaUnavailable("not ready")
        for asked in read_lines(lines):
            write_line(sys.stdout.buffer, await _understand(client, asked, requested_slot))
    finally:
        await client.close()


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    """Bytes that are not UTF-8 are replaced, never fatal."""
    for line in lines:
        yield line.decode("utf-8", "replace")


def read_lines(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Each line as `{id, text}`; a line that is not a JSON object is the text itself."""
    for line in lines:
        if not line.strip():
            continue
        try:
            read = json.loads(line)
        except (ValueError, RecursionError):
            read = None
        if isinstance(read, dict):
            text = str(read.get("text") or "")
            yield {"id": read.get("id"), "text": text.encode("utf-8", "replace").decode("utf-8")}
        else:
            yield {"id": None, "text": line.strip()}


async def _understand(
    client: RasaClient, asked: dict[str, Any], requested_slot: str | None
) -> dict[str, Any]:
    extracted = extract(asked["text"], {}, requested_slot=requested_slot)
    parsed = await client.parse(extracted.masked_text, references=extracted.as_request())
    entities = [{"entity": r.kind, "value": r.value} for r in extracted.references.values()]
    return {
        "id": asked["id"],
        "intent": {"name": parsed.intent, "confidence": round(parsed.confidence, 4)},
        "entities": entities,
    }
