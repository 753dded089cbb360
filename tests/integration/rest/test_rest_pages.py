"""Pages as a browser meets them the second time."""

from __future__ import annotations

from tests.integration.rest.conftest import Desk


async def test_a_page_that_has_not_changed_keeps_its_own_policy(desk: Desk) -> None:
    """A browser applies the headers of the 304 to the page it has stored: a stricter policy there kills the page."""
    first = await desk.call("GET", "/")
    again = await desk.call("GET", "/", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    assert "script-src 'self'" in first.headers["Content-Security-Policy"]
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
