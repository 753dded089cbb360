"""The people of a run: customers in their chats, agents at their consoles, and the admin who lets the agents in.

Everything goes through the desk's public REST and WebSocket interface.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from time import perf_counter
from typing import Any

import aiohttp

from evaluation.load import texts
from evaluation.load.figures import Record
from evaluation.load.sockets import Refused, Socket

COOKIE = "anxin_session"
CSRF_HEADER = "X-CSRF-Token"
CHATS_PER_AGENT = 10
READ_EVERY_S = 1.0


class BenchFailed(Exception):
    """The run cannot go on; the message names the fix."""


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """An account's cookie and CSRF token, as headers."""

    headers: Mapping[str, str]


@dataclass(eq=False, kw_only=True)
class Agent:
    """An account of this run with its open console."""

    account_id: str
    socket: Socket
    unread: dict[str, int] = field(default_factory=dict)
    chats: int = 0


@dataclass(eq=False, kw_only=True)
class Customer:
    """One chat. `agent` owns it, or the bot where there is none."""

    conversation_id: str
    name: str
    socket: Socket
    agent: Agent | None = None
    said: int = 0


class Floor:
    """Opens chats and consoles; what they say and hear goes into `record`, which each phase replaces."""

    def __init__(self, session: aiohttp.ClientSession, url: str, *, seed: int) -> None:
        self.url = url
        self.record = Record()
        self._session = session
        self._random = Random(seed)
        self._run = secrets.token_hex(4)
        self._admin: SignedIn | None = None
        self.agents: list[Agent] = []
        self.customers: list[Customer] = []
        self._reading: asyncio.Task[None] | None = None

    # People come and go

    async def sign_in_admin(self, login: str, password: str) -> None:
        """Sign in the admin who makes the agents' accounts. Raises BenchFailed."""
        try:
            self._admin = await self._sign_in(login, password)
        except Refused as error:
            raise BenchFailed(
                f"{login!r} cannot sign in at {self.url} ({error.code}). Name an admin by --login and his password by "
                "ANXIN_ADMIN_PASSWORD."
            ) from None

    async def add_agents(self, count: int) -> None:
        """Accounts of this run, each with an open console; they are online for nobody else."""
        self.agents += await asyncio.gather(*(self._add_agent(len(self.agents) + n) for n in range(count)))
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_for_ever())

    async def add_customers(self, count: int) -> list[Customer]:
        """Chats owned by the agents, at most CHATS_PER_AGENT each."""
        missing = -(-(sum(a.chats for a in self.agents) + count) // CHATS_PER_AGENT) - len(self.agents)
        if missing > 0:
            await self.add_agents(missing)
        added = []
        for _ in range(count):
            customer = await self.open_chat(self._hear_as_customer)
            customer.agent = min(self.agents, key=lambda agent: agent.chats)
            customer.agent.chats += 1
            await self._claim(customer, customer.agent)
            added.append(customer)
        return added

    async def open_chat(
        self, on_event: Callable[[Mapping[str, Any], float], None], *, identity: str | None = None
    ) -> Customer:
        """A new conversation with the bot and its socket, after `hello`."""
        started = await self._post("/api/chat/conversations", {"identity": identity} if identity else {})
        socket = Socket(await self._connect("/api/chat/ws"), on_event)
        await socket.ask("hello", token=started["token"])
        name = f"{self._run}-{len(self.customers)}"
        customer = Customer(conversation_id=started["conversation_id"], name=name, socket=socket)
        self.customers.append(customer)
        return customer

    async def demo_identity(self) -> str | None:
        """The signed identity of a demo customer with a parcel under way; None outside demo mode."""
        async with self._session.get(f"{self.url}/api/demo/customers") as answer:
            if answer.status != 200:
                return None
            listed = (await answer.json())["customers"]
        shipped = [c["shop_id"] for c in listed if any(o["state"] == "shipped" for o in c["orders"])]
        if not shipped:
            return None
        return str((await self._post("/api/demo/identity", {"shop_id": shipped[0]}))["identity"])

    async def leave(self) -> None:
        """End all chats, close all sockets, switch the run's accounts off."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        for customer in self.customers:
            with suppress(Refused):
                await customer.socket.ask("close")
        sockets = [c.socket for c in self.customers] + [a.socket for a in self.agents]
        await asyncio.gather(*(socket.close() for socket in sockets))
        for agent in self.agents:
            await self._call("PATCH", f"/api/admin/agents/{agent.account_id}", {"is_active": False})

    # They talk

    async def say(self, customer: Customer) -> None:
        """One message of the customer, recorded."""
        record, client_id = self._next(customer)
        began = record.to_agent.sent_at[client_id] = perf_counter()
        try:
            text = self._random.choice(texts.CUSTOMER)
            answer = await customer.socket.ask("send", client_id=client_id, text=text)
        except Refused as error:
            record.to_agent.sent_at.pop(client_id, None)
            record.errors[error.code] += 1
        else:
            record.acks_s.append(answer.answered_at - began)

    async def reply(self, customer: Customer) -> None:
        """One message of the agent who owns the chat, recorded."""
        assert customer.agent is not None
        record, client_id = self._next(customer)
        began = record.to_customer.sent_at[client_id] = perf_counter()
        try:
            answer = await customer.agent.socket.ask(
                "reply",
                conversation_id=customer.conversation_id,
                client_id=client_id,
                text=self._random.choice(texts.AGENT),
            )
        except Refused as error:
            record.to_customer.sent_at.pop(client_id, None)
            record.errors[error.code] += 1
        else:
            record.agent_acks_s.append(answer.answered_at - began)

    def begin(self) -> Record:
        """A new record, for a new phase."""
        self.record = Record()
        return self.record

    def _next(self, customer: Customer) -> tuple[Record, str]:
        customer.said += 1
        self.record.sent += 1
        return self.record, f"{customer.name}-{customer.said}"

    def _hear_as_customer(self, event: Mapping[str, Any], at: float) -> None:
        if event["type"] == "message" and (client_id := event["message"]["client_id"]):
            self.record.to_customer.arrive(client_id, at)

    async def _read_for_ever(self) -> None:
        """Agents have their chats open and read along, as the console does."""
        while True:
            await asyncio.sleep(READ_EVERY_S)
            for agent in self.agents:
                unread, agent.unread = agent.unread, {}
                asks = [agent.socket.ask("read", conversation_id=c, seq=seq) for c, seq in unread.items()]
                await asyncio.gather(*asks, return_exceptions=True)

    # How

    async def _add_agent(self, number: int) -> Agent:
        login = f"bench-{self._run}-{number}"
        body = {"login": login, "name": f"Bench {number}", "role": "supervisor", "level": "supervisor"}
        made = await self._call("POST", "/api/admin/agents", body | {"capacity": CHATS_PER_AGENT})
        signed_in = await self._sign_in(login, made["password"])
        change = {"old_password": made["password"], "new_password": secrets.token_urlsafe(16)}
        await self._request("POST", "/api/session/password", change, signed_in.headers)
        ws = await self._connect("/api/desk/ws", headers=signed_in.headers)
        unread: dict[str, int] = {}

        def hear(event: Mapping[str, Any], at: float) -> None:
            if event["type"] != "message":
                return
            message = event["message"]
            if message["sender"] == "customer":
                agent.unread[message["conversation_id"]] = message["seq"]
                self.record.to_agent.arrive(message["client_id"], at)

        agent = Agent(account_id=made["agent"]["id"], socket=Socket(ws, hear), unread=unread)
        await agent.socket.ask("hello")
        return agent

    async def _claim(self, customer: Customer, agent: Agent) -> None:
        await agent.socket.ask("claim", conversation_id=customer.conversation_id, epoch=1)
        await agent.socket.ask("open", conversation_id=customer.conversation_id, since=0)

    async def _sign_in(self, login: str, password: str) -> SignedIn:
        body = {"login": login, "password": password}
        async with self._session.post(f"{self.url}/api/session", json=body) as answer:
            told = await answer.json()
            if answer.status != 200:
                raise Refused(told["error"]["code"])
            cookie = answer.cookies[COOKIE].value
        return SignedIn(headers={"Cookie": f"{COOKIE}={cookie}", CSRF_HEADER: told["csrf_token"]})

    async def _call(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """As the admin."""
        if self._admin is None:
            raise BenchFailed("No admin is signed in.")
        return await self._request(method, path, body, self._admin.headers)

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._request("POST", path, body, {})

    async def _request(
        self, method: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        async with self._session.request(method, self.url + path, json=body, headers=headers) as answer:
            told: dict[str, Any] = await answer.json() if answer.status != 204 else {}
        if answer.status >= 400:
            code = told.get("error", {}).get("code")
            raise BenchFailed(f"{method} {path} was refused: {code} (is a rate limit in the way?)")
        return told

    async def _connect(
        self, path: str, headers: Mapping[str, str] | None = None
    ) -> aiohttp.ClientWebSocketResponse:
        return await self._session.ws_connect(self.url + path, headers=headers, max_msg_size=0, compress=0)
