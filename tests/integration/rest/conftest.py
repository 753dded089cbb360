"""The service on a real database, called over real HTTP; no bot, so that nobody answers in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from psycopg_pool import AsyncConnectionPool

from desk import people
from desk.passwords import Passwords
from desk.people import NewAgent, Role
from service import keys
from service.app import Outside, build_app
from service.settings import Settings, load
from service.tagging import NeutralTagger

PASSWORD = "right-horse-battery"
IDENTITY_SECRET = "identity-secret-of-the-tests-0123456789"
ENVIRONMENT = {
    "ANXIN_SECRET_KEY": "secret-key-of-the-tests-0123456789abcdef",
    "ANXIN_IDENTITY_SECRET": IDENTITY_SECRET,
    "ANXIN_RASA_TOKEN": "rasa-token-of-the-tests",
    "ANXIN_BOT__RASA_PORT": "1",
    "ANXIN_LIMITS__SIGN_INS_PER_MINUTE": "1000",
    "ANXIN_LIMITS__CONVERSATIONS_PER_HOUR": "100000",
    "ANXIN_LIMITS__REQUESTS_PER_MINUTE": "100000",
    "ANXIN_SERVICE__ALLOWED_ORIGINS": "[https://shop.example.com]",
}
Browser = TestClient[web.Request, web.Application]


def quick_passwords() -> Passwords:
    """Hashes that cost next to nothing; how strong real ones are is argon2's business."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@dataclass
class Desk:
    """One running service and the ways in."""

    client: Browser
    app: web.Application
    pool: AsyncConnectionPool
    csrf: dict[str, str] = field(default_factory=dict)

    async def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        csrf: str | None = None,
        headers: Mapping[str, str] | None = None,
        **rest: Any,
    ) -> ClientResponse:
        given = dict(headers or {})
        if token is not None:
            given["Authorization"] = f"Bearer {token}"
        if csrf is not None:
            given["X-CSRF-Token"] = csrf
        return await self.client.request(method, path, headers=given, **rest)

    async def start_conversation(self, **body: Any) -> tuple[UUID, str]:
        answer = await self.call("POST", "/api/chat/conversations", json=body)
        assert answer.status == 201, await answer.text()
        started = await answer.json()
        return UUID(started["conversation_id"]), started["token"]

    async def add_person(self, role: Role, *, login: str | None = None, **rest: Any) -> UUID:
        new = NewAgent(login=login or role, name=f"{role} 小林", role=role, **rest)
        agent, _ = await people.create(
            self.pool,
            new,
            hasher=self.app[keys.PASSWORDS],
            by=None,
            now=datetime.now(UTC),
            password=PASSWORD,
            must_change=False,
        )
        return agent.id

    async def sign_in(self, login: str) -> str:
        """Sign the client in; returns the CSRF token. The cookie stays with the client."""
        answer = await self.call("POST", "/api/session", json={"login": login, "password": PASSWORD})
        assert answer.status == 200, await answer.text()
        return str((await answer.json())["csrf_token"])

    def forget_cookies(self) -> None:
        self.client.session.cookie_jar.clear()


MakeDesk = Callable[..., Any]


def settings_of(folder: Path, environment: Mapping[str, str] | None = None) -> Settings:
    return load({**ENVIRONMENT, "ANXIN_DATA": str(folder), **(environment or {})})


@pytest.fixture
async def make_desk(database_url: str, pool: AsyncConnectionPool, tmp_path: Path) -> AsyncIterator[MakeDesk]:
    """Starts a service with other settings: `await make_desk(ANXIN_DEMO__ENABLED="false")`."""
    clients: list[Browser] = []

    async def make(url: str = database_url, **environment: str) -> Desk:
        settings = settings_of(tmp_path, environment)
        app = build_app(settings, database_url=url, outside=Outside(with_bot=False, tagger=NeutralTagger()))
        app[keys.PASSWORDS] = quick_passwords()
        client: Browser = TestClient(TestServer(app))
        clients.append(client)
        await client.start_server()
        return Desk(client=client, app=app, pool=pool if url == database_url else app[keys.POOL])

    yield make
    for client in clients:
        await client.close()


@pytest.fixture
async def desk(make_desk: MakeDesk) -> Desk:
    """The service with the tests' settings."""
    made = await make_desk()
    assert isinstance(made, Desk)
    return made


def identity(*, secret: str = IDENTITY_SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    """A signed identity as a shop's server makes it; claims given as None are left out."""
    now = int(datetime.now(UTC).timestamp())
    all_claims = {"aud": "anxin", "sub": "c-1", "name": "王芳", "exp": now + 600} | claims
    kept = {name: value for name, value in all_claims.items() if value is not None}
    return jwt.encode(kept, secret, algorithm=algorithm)


async def error_code(answer: ClientResponse) -> str:
    """The code, after looking at the whole shape."""
    body = await answer.json()
    assert set(body) == {"error"}, body
    error = body["error"]
    assert (
        {"code", "message", "field", "request_id"}
        <= set(error)
        <= {
            "code",
            "message",
            "field",
            "request_id",
            "retry_after_s",
            "current",
            "problems",
            "run",
        }
    )
    assert error["request_id"] == answer.headers["X-Request-Id"]
    return str(error["code"])
