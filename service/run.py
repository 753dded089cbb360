"""One service process: `python -m service.run`. Pages, REST and sockets on one port, Rasa's action calls on another.

Ends on SIGTERM or SIGINT: takes no more connections, lets requests under way end, then closes what it opened.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress

import structlog
from aiohttp import web

from service import secrets
from service.app import PARTS, build_actions, build_app
from service.logs import configure
from service.settings import Settings, SettingsError, load

log = structlog.get_logger(__name__)

SHUTDOWN_S = 3.0
"""Requests under way have this long to end; open sockets are told to reconnect at once."""


async def serve(settings: Settings, database_url: str) -> None:
    """Run until a signal comes."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    service, bot = settings.sections.service, settings.sections.bot
    app = build_app(settings, database_url=database_url)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S, handle_signals=False)
    actions = web.AppRunner(build_actions(app), access_log=None, shutdown_timeout=2.0)
    try:
        await runner.setup()
        await actions.setup()
        # Several processes share both ports; the kernel spreads connections over those that live.
        is_shared = service.processes > 1
        await web.TCPSite(actions, bot.action_host, bot.action_port, reuse_port=is_shared or None).start()
        await web.TCPSite(
            runner, service.host, service.port, reuse_port=is_shared or None, backlog=1024
        ).start()
        log.info("service_listens", host=service.host, port=service.port, processes=service.processes)
        await stop.wait()
        log.info("service_stops")
    finally:
        # Turns under way end first: without our actions Rasa fails them, and each would be given to people.
        await app[PARTS].workers.stop()
        await actions.cleanup()
        await runner.cleanup()


def main() -> int:
    """The exit code: 0 stopped, 1 could not start, 2 wrong settings."""
    try:
        settings = load()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    configure(settings.sections.logs)
    database_url = settings.secret("ANXIN_DATABASE_URL")
    if database_url is None:
        print("ANXIN_DATABASE_URL is missing; `anxin serve` starts a database and sets it.", file=sys.stderr)
        return 2
    secrets.ensure(settings)
    try:
        with suppress(KeyboardInterrupt):
            _run(settings, database_url)
    except OSError as error:
        print(f"The service cannot listen: {error.strerror or type(error).__name__}.", file=sys.stderr)
        return 1
    return 0


def _run(settings: Settings, database_url: str) -> None:
    if sys.platform == "win32":
        asyncio.run(serve(settings, database_url))
        return
    import uvloop

    uvloop.run(serve(settings, database_url))


if __name__ == "__main__":
    sys.exit(main())
