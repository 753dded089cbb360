"""`anxin triage`: mood, urgency and complaint level of each line of standard input; and what agents corrected of it."""

from __future__ import annotations

import sys
from math import isfinite
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from routing.triage import Tagger
    from routing.triage_circumstances import Circumstances
    from service.cli.json_lines import Line
    from service.settings import Settings


@click.group(name="triage", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Tag each line: {id, text} in, {id, sentiment, urgency, level, words} out.

    A line that is not a JSON object is the text. An object may also say how long the customer has waited (waited_s) and
    how many of their messages lie unanswered (unanswered); both are 0 unless given. Trains the
    classifier first where its examples changed.
    """
    if ctx.invoked_subcommand is not None:
        return
    from knowledge_base.errors import KnowledgeBaseError
    from routing.triage_circumstances import in_circumstances
    from service.cli.json_lines import LineError, read_lines, write_line
    from service.cli.settings_problems import load_or_exit

    settings = load_or_exit()
    try:
        tagger = _tagger(settings)
        for line in read_lines(sys.stdin.buffer):
            tags = in_circumstances(tagger.tag([line.text])[0], _circumstances(line))
            write_line(sys.stdout.buffer, line.answer(tags.as_json()))
    except LineError as error:
        raise click.UsageError(str(error)) from None
    except (ValueError, OSError, KnowledgeBaseError) as error:
        raise click.ClickException(str(error)) from None


def _tagger(settings: Settings) -> Tagger:
    """The classifier in use; where it is made of other examples, or there is none, a training comes first.

    Raises ValueError where the one in use is damaged.
    """
    from routing.triage import load_tagger
    from service.cli.train import train_triage
    from service.tagging import newest_model, shipped_encoder
    from service.training import triage
    from service.training.progress import Progress

    encoder, model = shipped_encoder(), newest_model(settings.data)
    if model is None or model.name.partition("-")[0] != triage.base_hash(settings.home, encoder):
        train_triage(settings, Progress())
        model = newest_model(settings.data)
    assert model is not None
    return load_tagger(model, encoder)


def _circumstances(line: Line) -> Circumstances:
    """What the line says beside its text. Raises click.UsageError where that is no number."""
    from routing.triage_circumstances import Circumstances

    waited_s, unanswered = line.given.get("waited_s", 0), line.given.get("unanswered", 0)
    if not all(isinstance(given, int | float) and isfinite(given) for given in (waited_s, unanswered)):
        raise click.UsageError('"waited_s" and "unanswered" must be numbers.')
    return Circumstances(waited_s=float(waited_s), unanswered=int(unanswered))


@command.command(name="corrections")
def corrections_command() -> None:
    """What agents corrected in the console, a JSON line each, with numbers and names masked.

    {text, sentiment, urgency, level, said, language, by, level_of_agent, at, conversation, seq}; of each message the
    correction that counts: the highest level's, the newest among equals. `said` is what the classifier had said.

    Exit codes: 0 done, 1 the database cannot be asked.
    """
    import psycopg

    from service.cli.json_lines import write_line
    from service.cli.settings_problems import load_or_exit
    from service.postgres.places import DatabaseUnavailable
    from service.training import corrections

    settings = load_or_exit()
    try:
        for correction in corrections.read(settings):
            write_line(sys.stdout.buffer, correction.as_json())
    except (DatabaseUnavailable, psycopg.Error) as error:
        raise click.ClickException(str(error)) from None
