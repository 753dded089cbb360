"""`anxin serve`: start the desk, or one part of it, and watch over it."""

from __future__ import annotations

import asyncio
import sys

import click


@click.command(name="serve")
@click.argument("part", type=click.Choice(["all", "database", "rasa", "service"]), default="all")
def command(part: str) -> None:
    """Start everything, or one PART of it, and watch over it until Ctrl-C.

    A part that ends is started again. Parts started alone, each in a terminal or a container of its own, find
    each other by config.yml: the database first.
    """
    from service.cli.settings_problems import load_or_exit
    from service.supervision.announcer import Announcer
    from service.supervision.serve_lock import AlreadyServed, held
    from service.supervision.start_up import ALL_PARTS, serve

    settings = load_or_exit()
    parts = ALL_PARTS if part == "all" else frozenset({part})
    announcer = Announcer()
    try:
        with held(settings.data, sorted(parts)):
            sys.exit(asyncio.run(serve(settings, parts, announcer)))
    except (AlreadyServed, OSError) as error:
        announcer.error(str(error))
        sys.exit(1)
