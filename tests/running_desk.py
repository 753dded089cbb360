"""The whole service on a real database and port, with the demo shop in it; with real Rasa where a test has one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer
from psycopg_pool import AsyncConnectionPool

from desk import demo_data
from routing.triage import Tagger
from service import keys
from service.app import Outside, build_actions, build_app
from service.settings import DemoSettings, load
from tests.rasa_server import PATIENT, RunningRasa

ENVIRONMENT = {
    "ANXIN_SECRET_KEY": "secret-key-of-the-tests-0123456789abcdef",
    "ANXIN_IDENTITY_SECRET": "identity-secret-of-the-tests-0123456789",
    "ANXIN_RASA_TOKEN": "rasa-token-of-the-tests",
    "ANXIN_BOT__RASA_PORT": "1",
    "ANXIN_CONVERSATIONS__FRAGMENT_WINDOW_S": "0.3",
    "ANXIN_CONVERSATIONS__FRAGMENT_BOUND_S": "2",
    "ANXIN_LIMITS__REQUESTS_PER_MINUTE": "100000",
    "ANXIN_LIMITS__CONVERSATIONS_PER_HOUR": "100000",
}
DEMO_SHOP = DemoSettings.model_validate({})


@dataclass(frozen=True, kw_only=True)
class RunningDesk:
    """Where it is reached, and what is behind it."""

    url: str
    app: web.Application

    @property
    def pool(self) -> AsyncConnectionPool:
        return self.app[keys.POOL]


@asynccontextmanager
async def running_desk(
    database_url: str,
    folder: Path,
    *,
    rasa: RunningRasa | None = None,
    tagger: Tagger | None = None,
    with_bot: bool = True,
    with_shop: bool = True,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[RunningDesk]:
    """Start it, and stop it at the end of the block."""
    given = {**ENVIRONMENT, **PATIENT, "ANXIN_DATA": str(folder), **(environment or {})}
    if rasa is not None:
        given |= {"ANXIN_BOT__RASA_URL": rasa.url, "ANXIN_RASA_TOKEN": rasa.token}
    app = build_app(load(given), database_url=database_url, outside=Outside(tagger=tagger, with_bot=with_bot))
    async with AsyncExitStack() as stack:
        server = TestServer(app)
        await server.start_server()
        stack.push_async_callback(server.close)
        if with_shop:
            await demo_data.seed_if_empty(app[keys.POOL], DEMO_SHOP, datetime.now(UTC))
        if rasa is not None:
            await stack.enter_async_context(rasa.actions(build_actions(app)))
        yield RunningDesk(url=str(server.make_url("/")).rstrip("/"), app=app)
