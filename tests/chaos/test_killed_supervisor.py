"""`anxin serve` killed by SIGKILL: nothing of it lives on, and the next one goes on where it ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import aiohttp
import psutil
import pytest

from bot.rasa_places import PROGRAM
from bot.rasa_training import train_if_changed
from service.postgres.embedded import EmbeddedPostgres
from service.settings import load
from tests.chaos.stack import free_ports

READY_S = 300.0
GONE_S = 60.0
"""The database ends by itself when its supervisor does, after its last checkpoint."""


class Serve:
    """`anxin serve` as a process of its own, with the lines that it printed."""

    def __init__(self, variables: Mapping[str, str], out: Path) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ANXIN_")} | dict(variables)
        self._out = out
        with out.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from service.cli import main; main()", "serve"],
                env=environment,
                cwd=PROGRAM,
                stdout=file,
                stderr=file,
            )

    def until_ready(self) -> None:
        wait_until(
            lambda: "Ready." in self.said or self.process.poll() is not None, READY_S, lambda: self.said
        )
        assert self.process.poll() is None, self.said

    @property
    def said(self) -> str:
        return self._out.read_text(errors="replace")

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(GONE_S)


def wait_until(is_so: Callable[[], bool], seconds: float, why: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    living = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                living.append(process)
    return living


@pytest.fixture
def variables() -> Iterator[dict[str, str]]:
    """A small desk of its own: a folder with the trained model, free ports, few orders."""
    model = train_if_changed(load({"ANXIN_DATA": str(PROGRAM / "var")}))
    with tempfile.TemporaryDirectory(prefix="anxin-serve-") as name:
        models = Path(name) / "models" / "rasa"
        models.mkdir(parents=True)
        shutil.copy(model, models)
        small = {"ANXIN_DEMO__CUSTOMERS": "5", "ANXIN_DEMO__ORDERS": "50"}
        yield {"ANXIN_DATA": name, **free_ports(), **small}
        EmbeddedPostgres(Path(name)).destroy()


@pytest.mark.timeout(900)
async def test_a_killed_serve_takes_everything_along_and_the_next_one_has_all_messages(
    variables: dict[str, str], tmp_path: Path
) -> None:
    chat = f"http://127.0.0.1:{variables['ANXIN_SERVICE__PORT']}/api/chat/conversations"
    first = Serve(variables, tmp_path / "first.log")
    first.until_ready()
    async with aiohttp.ClientSession() as session:
        async with session.post(chat, json={}) as response:
            opened = await response.json()
        messages = f"{chat}/{opened['conversation_id']}/messages"
        headers = {"Authorization": f"Bearer {opened['token']}"}
        said = {"client_id": "c-1", "text": "你好"}
        async with session.post(messages, json=said, headers=headers) as response:
            assert response.status == 201
        started = first.descendants()
        assert {"postgres", "python"} <= {p.name().rstrip("0123456789.") for p in started}
        first.end(signal.SIGKILL)
        wait_until(lambda: not alive(started), GONE_S, lambda: str(alive(started)))

        second = Serve(variables, tmp_path / "second.log")
        second.until_ready()
        async with session.get(messages, headers=headers) as response:
            kept = (await response.json())["messages"]
        assert [m["client_id"] for m in kept if m["sender"] == "customer"] == ["c-1"]
    started = second.descendants()
    assert second.end(signal.SIGTERM) == 0
    assert not alive(started)
