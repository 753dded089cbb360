"""`anxin ask`: a chat with a running desk in the terminal."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from service.playing.desk_client import DeskClient


@click.command(name="ask")
@click.option(
    "--as",
    "customer",
    default=None,
    metavar="ID",
    help="A demo customer (`anxin demo customers`); demo mode only.",
)
@click.option(
    "--language",
    type=click.Choice(["zh-Hans", "zh-Hant-HK", "en"]),
    default=None,
    help="Language to begin in; it follows what is typed.",
)
@click.option("--url", default=None, help="Address of the desk; default: as config.yml says.")
def command(customer: str | None, language: str | None, url: str | None) -> None:
    """Chat with the desk as a customer.

    Each line is a message; the number of a button taps it; Ctrl-D ends the chat. Without a terminal the lines of
    standard input are sent one by one, each after the answer to the one before.

    Exit codes: 0 done, 1 no desk, or it refused, 2 usage.
    """
    from service.cli.play import default_url
    from service.playing.desk_client import DeskRefused, DeskUnreachable

    try:
        asyncio.run(_chat(url or default_url(), customer, language))
    except KeyboardInterrupt:
        click.echo()
    except (DeskUnreachable, DeskRefused) as error:
        raise click.ClickException(str(error)) from None


async def _chat(url: str, customer: str | None, language: str | None) -> None:
    from rich.console import Console

    from service.playing.desk_client import DeskClient
    from service.playing.terminal_chat import TerminalChat

    async with DeskClient(url) as client:
        identity = await _identity(client, customer) if customer else None
        opened = await client.open_conversation(identity=identity, language=language)
        await TerminalChat(client, opened, console=Console(highlight=False), lines=sys.stdin).run()


async def _identity(client: DeskClient, customer: str) -> str:
    answer = await client.call("POST", "/api/demo/identity", json={"shop_id": customer})
    return str(answer["identity"])
