"""Real traffic with marker strings: none of them reaches the logs, whatever level is written."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from service import keys
from service.logs import configure
from service.settings import LogSettings
from tests.integration.rest.conftest import PASSWORD, Desk, identity

MARKERS = ("markertext", "markername", "13899990000", "markerstreet", PASSWORD)


@pytest.fixture
def logs_as_written() -> Iterator[io.StringIO]:
    """The program's own log set-up, at its most talkative; put back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure(LogSettings(level="debug", format="json"))
    written = io.StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    yield written
    root.handlers[:] = before
    root.setLevel(level)
    logging.raiseExceptions = True
    structlog.reset_defaults()


async def test_no_text_name_phone_or_password_reaches_the_logs(
    desk: Desk, logs_as_written: io.StringIO
) -> None:
    signed = identity(name="markername", phone="13899990000", email="markername@example.com")
    conversation_id, token = await desk.start_conversation(identity=signed, page="https://x/markerstreet")
    path = f"/api/chat/conversations/{conversation_id}/messages"
    for body in (
        {"client_id": "c-1", "text": "markertext 13899990000"},
        {"client_id": "markertext!", "text": "markertext"},
        {"client_id": "c-2", "text": "markertext" * 600},
    ):
        await desk.call("POST", path, token=token, json=body)
    await desk.call("POST", path, token=token, data=b'{"text": "markertext')
    await desk.call("GET", "/markertext/markername?q=markertext")
    await desk.add_person("agent", login="markername")
    await desk.sign_in("markername")
    await desk.call("POST", "/api/session", json={"login": "markername", "password": "markertext-wrong"})

    class Broken:
        async def receive(self, incoming: object) -> None:
            raise ValueError(f"Failing row contains ({incoming}, markertext, 13899990000)")

    desk.app._state[keys.RECEIVER] = Broken()
    await desk.call("POST", path, token=token, json={"client_id": "c-3", "text": "markertext"})
    logging.getLogger("a.library").warning("sent %s to %s", "markertext", "13899990000")
    written = logs_as_written.getvalue()
    assert "request_failed" in written and "ValueError" in written and "a.library" in written
    assert [line for line in written.splitlines() if any(marker in line for marker in MARKERS)] == []
