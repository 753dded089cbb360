"""`anxin eval`: how good the models and the search are, beside what else there is. Runs from a clone of the repository."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from evaluation.measured_models import Measured, Plan

PARTS = ("encoder", "triage", "intents", "knowledge")
PUBLIC_DATA = "../shared/data"


@click.group()
def command() -> None:
    """Figures of the models and of the search, beside their peers.

    \b
    anxin eval models      everything, and writes docs/figures
    anxin eval knowledge   the search alone
    anxin train --check    only the models in use, in seconds

    Needs a clone of the repository: the held-out sets are no part of an installed program.
    """
    import structlog

    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )  # figures alone on standard output


@command.command()
@click.option("--only", "only", type=click.Choice(PARTS), multiple=True, help="A part; may be repeated.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help=f"Folder of the public data; default {PUBLIC_DATA}, and without it less is measured.",
)
@click.option(
    "--slow-peers/--no-slow-peers",
    default=True,
    help="Whether Rasa trains its own classifiers too (minutes each; figures are kept in var).",
)
@click.option(
    "--write/--no-write", default=True, help="Whether docs/figures and the pages that quote it change."
)
def models(only: Sequence[str], data: Path | None, slow_peers: bool, write: bool) -> None:
    """Measure encoder, triage, intents and search with their peers in one run.

    Prints all tables as Markdown and writes docs/figures/{encoder,triage,intents,knowledge}.{md,json} and
    their index, with seeds, data hashes, versions and the number of cores.

    Exit codes: 0 done, 1 a part could not be measured (the others are), 2 usage.
    """
    _need_clone()
    from evaluation import written_figures
    from evaluation.measured_models import PARTS as FUNCTIONS

    plan = _plan(data, slow_peers)
    failed = []
    for name in only or PARTS:
        plan.say(f"{name} …")
        try:
            measured = FUNCTIONS[name](plan)
        except (Exception, SystemExit) as error:
            failed.append(name)
            plan.say(f"{name}: could not be measured: {type(error).__name__}: {error}")
            continue
        _print(name, measured)
        if write:
            written_figures.write(name, measured)
    if write:
        written_figures.write_index()
        for page in written_figures.quote_anew():
            plan.say(f"{page.name}: figures quoted anew")
    if failed:
        raise click.ClickException(f"not measured: {', '.join(failed)}")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the tables.")
def knowledge(as_json: bool) -> None:
    """Measure the search on its held-out questions, in a database of its own. Writes nothing."""
    _need_clone()
    from evaluation.measured_models import knowledge as measure

    measured = measure(_plan(None, slow_peers=False))
    click.echo(json.dumps(measured.figures, ensure_ascii=False) if as_json else measured.markdown)


def _plan(data: Path | None, slow_peers: bool) -> Plan:
    from evaluation.measured_models import ENCODER_DATA, Plan
    from service.cli.settings_problems import load_or_exit
    from service.training.progress import Progress

    settings = load_or_exit()
    folder = data or (settings.home / PUBLIC_DATA).resolve()
    found = all((folder / name).exists() for name in ENCODER_DATA)
    if data is not None and not found:
        raise click.UsageError(f"{data} holds no {' and '.join(ENCODER_DATA)}.")
    return Plan(
        data=folder if found else None,
        cache=settings.data / "evaluation",
        with_slow_peers=slow_peers,
        say=Progress().say,
    )


def _need_clone() -> None:
    from bot.rasa_places import PROGRAM

    needed: list[Any] = [PROGRAM / "evaluation" / "triage_heldout.yml", PROGRAM / "docs" / "figures"]
    if not all(path.exists() for path in needed):
        raise click.ClickException(
            "The held-out sets are not here: this runs from a clone of the repository. "
            "In a shop, `anxin train --check` measures the models in use."
        )


def _print(name: str, measured: Measured) -> None:
    from evaluation.written_figures import TITLES

    click.echo(f"# {TITLES[name]}\n\n{measured.markdown.strip()}\n")
