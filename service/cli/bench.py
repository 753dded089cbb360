"""`anxin bench`: measure a desk from outside, in a process of its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from evaluation.load.run import Plan, Report
    from service.settings import Settings

FIGURES = Path(__file__).resolve().parents[2] / "docs" / "figures"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SECONDS = click.FloatRange(0, 600)


@click.group(name="bench")
def command() -> None:
    """Measure the running desk."""


@command.command()
@click.option("--url", default=None, help="A running desk; default: the one of these settings.")
@click.option(
    "--start", is_flag=True, help="Start a desk of its own in a temporary folder, measure it, stop it."
)
@click.option(
    "--login", default="admin", show_default=True, help="An admin; password in ANXIN_ADMIN_PASSWORD."
)
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write all figures here."
)
@click.option("--write", is_flag=True, help="Write docs/figures/chat.md and chat.json.")
@click.option("--seed", type=int, default=20_251_121, show_default=True)
@click.option("--warm-up", "warm_up_s", type=SECONDS, default=3.0, show_default=True, help="Seconds.")
@click.option(
    "--rest", "rest_s", type=SECONDS, default=12.0, show_default=True, help="Seconds with one customer."
)
@click.option(
    "--bot", "bot_s", type=SECONDS, default=12.0, show_default=True, help="Seconds a lane; 0 = no turns."
)
@click.option(
    "--load",
    "load_s",
    type=SECONDS,
    default=20.0,
    show_default=True,
    help="Seconds, a message a second each.",
)
@click.option("--customers", "load_customers", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option(
    "--saturation", "saturation_s", type=SECONDS, default=6.0, show_default=True, help="Seconds a step."
)
@click.option(
    "--step",
    "steps",
    type=click.IntRange(1, 1000),
    multiple=True,
    default=(10, 50, 100),
    show_default=True,
    help="Customers of a saturation step; may be repeated.",
)
@click.option(
    "--in-flight", type=click.IntRange(1, 32), default=4, show_default=True, help="Messages a customer."
)
def chat(
    url: str | None,
    start: bool,
    login: str,
    json_file: Path | None,
    write: bool,
    seed: int,
    warm_up_s: float,
    rest_s: float,
    bot_s: float,
    load_s: float,
    load_customers: int,
    saturation_s: float,
    steps: tuple[int, ...],
    in_flight: int,
) -> None:
    """Acknowledgement, delivery, turns of the bot, throughput, memory and CPU of a desk.

    Customers and agents of its own talk over real WebSockets: one at a time, 50 with a message a second each, and as
    many as the desk takes. The run makes accounts named bench-… and switches them off at its end.

    Exit codes: 0 measured, 1 could not measure, 2 usage.
    """
    import aiohttp

    from evaluation.load.floor import BenchFailed
    from evaluation.load.report import print_report, write_figures
    from evaluation.load.run import Plan
    from evaluation.load.sockets import Refused

    if start and url:
        raise click.UsageError("--start and --url exclude each other.")
    plan = Plan(
        seed=seed,
        warm_up_s=warm_up_s,
        rest_s=rest_s,
        bot_s=bot_s,
        load_s=load_s,
        load_customers=load_customers,
        saturation_s=saturation_s,
        saturation_customers=tuple(sorted(steps)),
        in_flight=in_flight,
    )
    try:
        report = _measure_own(plan) if start else _measure(url, login, plan)
    except BenchFailed as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except Refused as error:
        click.echo(f"Error: the desk refused a request: {error.code}.", err=True)
        sys.exit(1)
    except (aiohttp.ClientError, OSError) as error:
        click.echo(
            f"Error: the desk does not answer ({error}). Start it with `anxin serve`, or use --start.",
            err=True,
        )
        sys.exit(1)
    report["command"] = "anxin bench " + " ".join(sys.argv[2:])
    print_report(report)
    if json_file is not None:
        json_file.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if write:
        write_figures(report, FIGURES)


def _measure_own(plan: Plan) -> Report:
    from evaluation.load.run import Run, Target
    from evaluation.load.started_desk import started_desk
    from service.cli.settings_problems import load_or_exit

    async def measure() -> Report:
        async with started_desk(load_or_exit(), _say) as desk:
            target = Target(
                url=desk.url,
                login="admin",
                password=desk.admin_password,
                window_s=desk.settings.sections.conversations.fragment_window_s,
                database_url=desk.database_url,
                disk=desk.data,
                rasa_url=desk.rasa_url,
            )
            return await Run(target, plan, _say).measure()

    return _in_loop(measure())


def _measure(url: str | None, login: str, plan: Plan) -> Report:
    from evaluation.load.floor import BenchFailed
    from evaluation.load.run import Run, Target
    from service.cli.settings_problems import load_or_exit
    from service.supervision.start_up import local_address

    settings = load_or_exit()
    url = (url or local_address(settings)).rstrip("/")
    password = os.environ.get("ANXIN_ADMIN_PASSWORD")
    if not password:
        raise BenchFailed(
            "Give the admin's password in ANXIN_ADMIN_PASSWORD; the run makes accounts for its agents."
        )
    if urlsplit(url).hostname not in LOOPBACK:
        click.echo(
            f"{url} is not on this machine: times include the way there, processes are not seen.", err=True
        )
    for line in _limits_in_the_way(settings, plan):
        click.echo(line, err=True)
    target = Target(
        url=url,
        login=login,
        password=password,
        window_s=settings.sections.conversations.fragment_window_s,
        database_url=_database_url(settings) if urlsplit(url).hostname in LOOPBACK else None,
        disk=settings.data if settings.data.is_dir() else None,
    )
    return _in_loop(Run(target, plan, _say).measure())


def _database_url(settings: Settings) -> str | None:
    from service.database import resolve_url
    from service.postgres.places import DatabaseUnavailable

    try:
        return resolve_url(settings)
    except DatabaseUnavailable:
        return None


def _limits_in_the_way(settings: Settings, plan: Plan) -> list[str]:
    """The limits of these settings that a run like this meets."""
    limits = settings.sections.limits
    most = max(plan.load_customers, *plan.saturation_customers)
    needed = {
        "messages_per_minute": 6000,
        "conversations_per_hour": most + 60,
        "sign_ins_per_minute": 2 * (most // 10) + 4,
        "sockets_per_address": most + 40,
        "requests_per_minute": 4 * most,
    }
    return [
        f"limits.{name} is {getattr(limits, name)} in these settings, this run may need {number}: "
        f"start the desk with ANXIN_LIMITS__{name.upper()}={number}."
        for name, number in needed.items()
        if getattr(limits, name) < number
    ]


def _in_loop(measuring: Coroutine[Any, Any, Report]) -> Report:
    import uvloop

    return uvloop.run(measuring)


def _say(text: str) -> None:
    click.echo(text, err=True)
