"""`anxin train`: what a shop may change, refitted beside what is in use, measured, and installed when not worse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from routing.triage_corrections import Corrected
    from service.settings import Settings
    from service.training.outcome import Refit
    from service.training.progress import Progress

PARTS = ("triage", "rasa")


@click.command(name="train")
@click.option("--only", type=click.Choice(PARTS), default=None, help="One of the two; default: both.")
@click.option("--check", "is_check", is_flag=True, help="Measure the models in use; train nothing.")
@click.option("--force", is_flag=True, help="Install a model although it did worse.")
@click.option("--at-start", is_flag=True, hidden=True, help="As `anxin serve` calls it: the old one will do.")
def command(only: str | None, is_check: bool, force: bool, at_start: bool) -> None:
    """Train what changed since the last training, and nothing else.

    \b
    triage  the classifier of mood, urgency and complaint level: from
            nlu_data/triage and what agents corrected in the console
    rasa    intents and dialogue: from nlu_data

    A new model is trained beside the one in use. Both are measured on the
    held-out messages in evaluation/, or, in a shop that has none, on a fifth of
    its own; the new one is installed unless it is worse: a guarded figure fell
    by more than its margin, or the whole 99 % interval of a paired bootstrap is
    a loss. A worse one stays in …/candidate. The first model is installed
    without measuring. Killing it at any time loses nothing.

    Exit codes: 0 done, 1 failed or worse, 2 usage.
    """
    from service.cli.settings_problems import load_or_exit
    from service.training.progress import Progress

    if is_check and force:
        raise click.UsageError("--check installs nothing, so --force says nothing.")
    settings, progress = load_or_exit(), Progress()
    parts: dict[str, Callable[[], Refit]] = {
        "triage": lambda: train_triage(settings, progress, is_check=is_check, force=force, at_start=at_start),
        "rasa": lambda: _rasa(settings, progress, is_check=is_check, force=force),
    }
    refused = False
    for part in [only] if only else PARTS:
        done = parts[part]()
        for line in done.lines():
            click.echo(line)
        refused = refused or done.state == "refused"
    if refused and not at_start:
        raise SystemExit(1)


def train_triage(
    settings: Settings,
    progress: Progress,
    *,
    is_check: bool = False,
    force: bool = False,
    at_start: bool = False,
) -> Refit:
    """Refit or check the classifier; what goes wrong is a ClickException."""
    from knowledge_base.errors import KnowledgeBaseError
    from service.tagging import shipped_encoder
    from service.training import triage
    from service.training.outcome import Refit

    try:
        encoder = shipped_encoder()
        if at_start and (found := triage.usable(settings.home, settings.data, encoder)):
            return Refit(what="triage", state="unchanged", where=found)
        corrections = () if is_check else _corrections(settings)
        work = triage.Work(
            home=settings.home,
            data=settings.data,
            encoder=encoder,
            corrections=corrections,
            progress=progress,
        )
        return triage.check(work) if is_check else triage.refit(work, force=force)
    except (ValueError, OSError, KnowledgeBaseError) as error:
        raise click.ClickException(f"triage: {error}") from None


def _corrections(settings: Settings) -> Sequence[Corrected]:
    import psycopg

    from service.postgres.places import DatabaseUnavailable
    from service.training import corrections

    try:
        return corrections.as_examples(corrections.read(settings))
    except (DatabaseUnavailable, psycopg.Error) as error:
        raise click.ClickException(
            f"triage: the agents' corrections cannot be read: {error}\n"
            "Nothing was trained; a model without them would forget what it learned."
        ) from None


def _rasa(settings: Settings, progress: Progress, *, is_check: bool, force: bool) -> Refit:
    from bot import rasa_training
    from knowledge_base.errors import KnowledgeBaseError
    from service.training import intents

    try:
        return intents.check(settings) if is_check else intents.refit(settings, progress, force=force)
    except (rasa_training.TrainingFailed, ValueError, OSError, KnowledgeBaseError) as error:
        raise click.ClickException(f"rasa: {error}") from None
