"""A knowledge base in memory for the tests and the design work of the knowledge editor's page, whole.

`python -m tests.browser.fake_knowledge --entries 200` serves it for looking at.
"""

from __future__ import annotations

import argparse
import asyncio

from tests.browser.fake_console import PASSWORD
from tests.browser.fake_entries import CONTENT
from tests.browser.fake_transfer import FakeTransfer

__all__ = ["CONTENT", "FakeKnowledge"]


class FakeKnowledge(FakeTransfer):
    """All that the page speaks with."""


async def _serve(arguments: argparse.Namespace) -> None:
    fake = FakeKnowledge(arguments.entries)
    fake.make_history("return_window", ("双十一延长退货期", "", "改得亲切一点"))
    if arguments.busy:
        fake.fill_checks()
    print(await fake.start(arguments.port) + "/knowledge", "jing, lin, mei, admin:", PASSWORD, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--entries", type=int, default=None)
    parser.add_argument("--busy", action="store_true", help="gaps, pinned questions, uses")
    asyncio.run(_serve(parser.parse_args()))
