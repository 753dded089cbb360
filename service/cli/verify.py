"""`anxin verify`: do the promises hold? Reads the database, and what clients saw where their logs are given."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from evaluation.promises import ClientLog, Violation

PROMISES = ("no double talk", "exactly one reply", "nothing lost", "never two owners", "never over capacity")


@click.command(name="verify")
@click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What clients saw, as JSON lines; may be given several times.",
)
@click.option(
    "--settled", is_flag=True, help="Nothing is under way: a message that waits is a broken promise."
)
def command(logs: tuple[Path, ...], settled: bool) -> None:
    """Check the promises from the database, and from clients' logs where there are any.

    Prints each promise with what breaks it; exit code 1 when one is broken. It changes nothing and knows nothing of
    the running program, only the rules.

    A line of a log is what one client of a conversation saw:

    \b
    {"conversation_id": "…",          the conversation
     "acknowledged": {"c-1": 1},      client_id → seq of each acknowledgement
     "received": [[1, 2], [3]],       per connection, the seqs in the order they came
     "is_complete": true}             stayed until the end, so nothing may be missing

    Everything but the conversation may be left out.
    """
    import psycopg

    from evaluation import promises
    from service.cli.settings_problems import load_or_exit
    from service.database import resolve_url
    from service.postgres.places import DatabaseUnavailable

    settings = load_or_exit()
    try:
        read = [log for path in logs for log in _read(path)]
        violations = promises.check(resolve_url(settings), read, is_settled=settled)
    except (DatabaseUnavailable, psycopg.Error, ValueError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    _print(violations, len(read))
    sys.exit(1 if violations else 0)


def _read(path: Path) -> Iterator[ClientLog]:
    """The logs in a file; ValueError names the line that is none."""
    from pydantic import TypeAdapter, ValidationError

    from evaluation.promises import ClientLog

    adapter = TypeAdapter(ClientLog)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield adapter.validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ValueError(f"{path}, line {number}: {place}: {first['msg']}") from None


def _print(violations: list[Violation], logs: int) -> None:
    for promise in PROMISES:
        broken = [v for v in violations if v.promise == promise]
        click.echo(f"{promise:<20} {'holds' if not broken else f'BROKEN, {len(broken)} times'}")
        for violation in broken:
            click.echo(f"  {violation.conversation_id or '-'}: {violation.what}")
    click.echo(f"Read from the database and {logs} clients' logs.")
