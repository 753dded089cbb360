"""`anxin train`: the triage classifier and Rasa's model, each only where what it is made from changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from service.settings import Settings


@click.command(name="train")
@click.option(
    "--only", type=click.Choice(["triage", "rasa"]), default=None, help="Train one of the two; default: both."
)
def command(only: str | None) -> None:
    """Train what changed since the last training, and nothing else."""
    from service.cli.settings_problems import load_or_exit

    settings = load_or_exit()
    if only != "rasa":
        _train_triage(settings)
    if only != "triage":
        _train_rasa(settings)


def _train_triage(settings: Settings) -> None:
    from knowledge_base.errors import KnowledgeBaseError
    from routing.triage_training import describe, train_if_changed
    from service.tagging import shipped_encoder

    try:
        told = describe(train_if_changed(settings.home, settings.data, shipped_encoder()))
    except (ValueError, OSError, KnowledgeBaseError) as error:
        raise click.ClickException(f"triage: {error}") from None
    click.echo(f"triage: {told['hash']}, {told['features']} features")


def _train_rasa(settings: Settings) -> None:
    from bot import rasa_training

    try:
        model = rasa_training.train_if_changed(settings, click.echo)
    except (rasa_training.TrainingFailed, OSError) as error:
        raise click.ClickException(f"rasa: {error}") from None
    click.echo(f"rasa: {model.name}")
