"""A chat in the terminal: what comes in is drawn above the line that is being typed.

Without a terminal it reads lines, waits for the answer to each, and writes plain text.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Mapping
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.playing.chat_socket import ChatSocket
from service.playing.desk_client import DeskClient, DeskRefused, DeskUnreachable, Opened

PROMPT = "› "
ANSWER_S = 20.0
QUIET_S = 0.6
"""Without a terminal: an answer is whole when nothing more came for so long."""
STYLES: Mapping[str, str] = {"bot": "cyan", "agent": "green", "system": "dim", "you": "bold"}
RESOLVED: Mapping[str | None, str] = {"solved": ", solved", "unsolved": ", unsolved"}


class TerminalChat:
    """One conversation between standard input and a desk."""

    def __init__(self, client: DeskClient, opened: Opened, *, console: Console, lines: TextIO) -> None:
        self._console = console
        self._lines = lines
        self._is_interactive = lines.isatty() and console.is_terminal
        self._socket = ChatSocket(client, opened, on_event=self._show)
        self._typed: asyncio.Queue[str | None] = asyncio.Queue()
        self._buttons: list[Mapping[str, str]] = []
        self._shown_state = ""

    async def run(self) -> None:
        """Chat until the input ends. Raises DeskUnreachable when the desk is not there at the start."""
        await self._socket.connect()
        self._note("Ctrl-D ends the chat; the number of a button taps it.")
        self._read_lines()
        keeper = asyncio.create_task(self._stay_connected(), name="stay-connected")
        try:
            while (line := await self._typed.get()) is not None:
                if line.strip():
                    await self._say(line)
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            await self._socket.close()

    def _read_lines(self) -> None:
        """Reading blocks, so it has a thread; a daemon, because nothing can wake it when the chat ends."""
        loop = asyncio.get_running_loop()

        def read() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                for line in self._each_line():
                    loop.call_soon_threadsafe(self._typed.put_nowait, line)
                loop.call_soon_threadsafe(self._typed.put_nowait, None)

        threading.Thread(target=read, name="terminal-input", daemon=True).start()

    def _each_line(self) -> Any:
        if not self._is_interactive:
            yield from (line.rstrip("\r\n") for line in self._lines)
            return
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401 - makes input() editable, with a history
        while True:
            try:
                yield input(PROMPT)
            except EOFError:
                return

    async def _say(self, line: str) -> None:
        if not self._is_interactive:
            self._draw(Text(f"{PROMPT}{_plain(line)}", style=STYLES["you"]))
        number = line.strip()
        is_button = number.isascii() and number.isdigit() and 1 <= int(number[:3]) <= len(self._buttons)
        try:
            if is_button and len(number) <= 3:
                await self._socket.send(button=self._buttons[int(number) - 1]["id"])
            else:
                await self._socket.send(text=line)
        except (DeskRefused, DeskUnreachable) as error:
            self._note(f"Not sent: {error}", style="red")
            return
        if not self._is_interactive:
            await self._until_answered()

    async def _until_answered(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_S):
                while self._awaits_bot():
                    self._socket.heard.clear()
                    if self._awaits_bot():
                        await self._socket.heard.wait()
        while await self._hears_within(QUIET_S):
            pass

    def _awaits_bot(self) -> bool:
        said = self._socket.messages
        return self._socket.state.get("owner") == "bot" and (not said or said[-1]["sender"] == "customer")

    async def _hears_within(self, seconds: float) -> bool:
        self._socket.heard.clear()
        try:
            await asyncio.wait_for(self._socket.heard.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _stay_connected(self) -> None:
        delay_s = 0.5
        while True:
            await asyncio.sleep(delay_s)
            if self._socket.is_open:
                delay_s = 0.5
                continue
            try:
                await self._socket.connect()
                self._note("Connected again.")
            except (DeskUnreachable, DeskRefused):
                delay_s = min(5.0, delay_s * 2)

    # What is shown

    def _show(self, event: Mapping[str, Any]) -> None:
        if event["type"] == "message":
            self._show_message(event["message"])
        elif event["type"] == "state":
            self._show_state(event["state"])
        elif event["type"] == "service" and event["status"] != "ok":
            self._note(f"Not well just now: {', '.join(event['parts'])}.", style="yellow")
        elif event["type"] == "closed" and event["code"] not in (1000, None):
            self._note("The connection was lost; trying again …", style="yellow")

    def _show_message(self, message: Mapping[str, Any]) -> None:
        if message["sender"] == "customer":
            return
        self._buttons = message["payload"].get("quick_replies", [])
        if message["kind"] == "order_card":
            self._draw(_order_table(message["payload"]["order"]))
        elif message["kind"] == "case_card":
            case = message["payload"]["case"]
            self._note(f"Case {case['number']}: {case['type']}, {case['state']}")
        elif message["kind"] == "image":
            self._draw(Text("[picture]"))
        else:
            self._draw(_said(message))
        for number, button in enumerate(self._buttons, start=1):
            self._draw(Text(f"  [{number}] {_plain(button['label'])}", style="magenta"))

    def _show_state(self, state: Mapping[str, Any]) -> None:
        told = _owner(state)
        if told != self._shown_state:
            self._shown_state = told
            self._note(told)

    def _note(self, text: str, *, style: str = "dim italic") -> None:
        self._draw(Text(f"· {_plain(text)}", style=style))

    def _draw(self, shown: Text | Table) -> None:
        if not self._is_interactive:
            self._console.print(shown)
            return
        sys.stdout.write("\r\x1b[K")
        sys.stdout.flush()
        self._console.print(shown)
        sys.stdout.write(PROMPT + _line_being_typed())
        sys.stdout.flush()


def _line_being_typed() -> str:
    try:
        import readline
    except ImportError:
        return ""
    return readline.get_line_buffer()


def _said(message: Mapping[str, Any]) -> Text:
    who = message["agent"]["name"] if message["agent"] else {"bot": "安心", "system": "·"}[message["sender"]]
    style = STYLES[message["sender"]]
    return Text.assemble((f"{_plain(who)} ", f"bold {style}"), (_plain(message["text"]), style))


def _owner(state: Mapping[str, Any]) -> str:
    if state["owner"] == "queue":
        place = state["queue"]
        return f"Waiting for a person: place {place['position']}, about {place['expected_minutes']} min"
    if state["owner"] == "agent":
        return f"You are talking to {state['agent']['name']}"
    if state["owner"] == "none":
        return f"The conversation is closed{RESOLVED.get(state['resolution'], '')}; write to open it again"
    return "You are talking to the bot"


def _order_table(order: Mapping[str, Any]) -> Table:
    title = f"{order['number']}  {order['state_label']}  ¥{order['total_cents'] / 100:.2f}"
    table = Table(title=Text(_plain(title)), title_justify="left", show_header=False)
    for item in order["items"]:
        variant = f" ({item['variant']})" if item["variant"] else ""
        name = Text(_plain(f"{item['title']}{variant}"))
        table.add_row(name, f"× {item['quantity']}", f"¥{item['price_cents'] / 100:.2f}")
    shipment = order["shipment"]
    if shipment:
        parcel = f"{shipment['courier']} {shipment['tracking_number']}"
        table.add_row(Text(_plain(parcel)), Text(_plain(shipment["state_label"])), "")
    return table


def _plain(text: str) -> str:
    """Without control characters, so that nobody's text steers the terminal; line breaks stay."""
    return "".join(c for c in text if c in "\n\t" or not (ord(c) < 32 or 127 <= ord(c) < 160))
