"""`anxin play`: conversations of standard input played against a running desk, one a line, results one a line."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from service.playing.lines import GivenLine
    from service.playing.play import Player


@click.command(name="play")
@click.option("--url", default=None, help="Address of the desk; default: as config.yml says.")
@click.option(
    "--parallel", default=4, show_default=True, type=click.IntRange(1, 200), help="Lines played at once."
)
@click.option(
    "--patience",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    help="Seconds to wait for the bot in each turn.",
)
def command(url: str | None, parallel: int, patience: float) -> None:
    """Play each line of standard input as one conversation with a running desk in demo mode.

    \b
    A line is a JSON object; a line that is none is the text of one turn:
      {"id": 1, "as": "shipped", "customer": ["你好", ["我的快递", "到哪了"]],
       "setup": {"clock": "03:00", "vip": true}}
    id        any value, handed through
    customer  the turns, in order. A turn is a text, or a list of fragments
              sent in a burst; the text [image] sends a small picture,
              [tap 查物流] or [tap 1] taps a button of the newest message
    as        who it is: a demo customer (`anxin demo customers`), or a kind of
              order (`anxin demo orders`) whose customer it then is; without
              it nobody is signed in, unless vip or order_value is set up
    setup     clock            "HH:MM": shop time at the start
              gap_before_turn  the turn, counted from 0, before which
              gap_hours        so many hours pass; a reminder and the close
                               that fall due meanwhile count to the turn before
              order_value      in yuan, of the orders that the turns name, else
                               of all orders of the customer
              vip              true or false

    \b
    Each result is one line, in the order of the input:
      {"id": 1, "turns": [{"customer": "你好", "replies": ["…"],
       "owner": "bot"}], "handoff": {"turn": 1, "reasons": ["asked"]},
       "cases": [{"type": "return", …}], "answered": ["return_window"]}
    replies   all that the customer was told after this turn and before the
              next, by bot, system and people; a card as [order_card] …. Empty
              where nothing came within --patience seconds
    owner     bot, queue, agent or none (closed) when the next turn goes out
    handoff   the turn, counted from 0, at which people were brought in; or null
    answered  entries of the knowledge base that answered
    A turn that the desk refused holds "error": {"code", "message"}; a
    line that could not be played is {"id", "error"}.

    Each line talks to a private copy of its customer and orders, so lines do not touch each other. The next turn
    goes out when the bot has answered, or at once while people own the conversation.

    Exit codes: 0 done, 1 no desk, not in demo mode, or a line could not be played, 2 a line that is none.
    """
    from service.playing.desk_client import DeskRefused, DeskUnreachable
    from service.playing.lines import LineError

    try:
        all_played = asyncio.run(_play(url or default_url(), parallel, patience))
    except LineError as error:
        raise click.UsageError(str(error)) from None
    except (DeskUnreachable, DeskRefused) as error:
        raise click.ClickException(str(error)) from None
    sys.exit(0 if all_played else 1)


def default_url() -> str:
    """Where the settings say that the desk listens."""
    from service.cli.settings_problems import load_or_exit
    from service.supervision.start_up import local_address

    return local_address(load_or_exit())


async def _play(url: str, parallel: int, patience_s: float) -> bool:
    from service.cli.json_lines import write_line
    from service.playing.desk_client import DeskClient
    from service.playing.in_parallel import in_order
    from service.playing.play import Player

    async with DeskClient(url) as client:
        if not await client.is_demo():
            raise click.ClickException(
                f"The desk at {url} is not in demo mode (demo.enabled); conversations are played there only."
            )
        player = Player(client, patience_s=patience_s)
        all_played = True
        async for result in in_order(_lines(), lambda given: _play_line(player, given), at_once=parallel):
            all_played = all_played and "turns" in result
            write_line(sys.stdout.buffer, result)
    return all_played


async def _play_line(player: Player, given: GivenLine) -> dict[str, Any]:
    from service.playing.desk_client import DeskRefused, DeskUnreachable

    try:
        return given.answer(await player.play(given.line))
    except DeskRefused as error:
        return given.answer({"error": error.as_json()})
    except DeskUnreachable as error:
        return given.answer({"error": {"code": "unreachable", "message": str(error)}})


def _lines() -> Iterator[GivenLine]:
    from service.playing.lines import read_line

    for number, raw in enumerate(sys.stdin.buffer, start=1):
        given = read_line(raw, number)
        if given is not None:
            yield given
