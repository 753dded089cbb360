"""A desk on a real database with fakes around it: a tagger that reads marks, a shop without orders, a clock that the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import procrastinate
import pytest
from psycopg_pool import AsyncConnectionPool

from bot.settings import BotSettings
from desk import conversations
from desk.conversations import Message, NewConversation, State
from desk.demo_shop import DemoShop
from desk.handoff import HandoffDesk, TurnFacts
from desk.offering import Offering
from desk.outbox import Outbox
from desk.ownership import Ownership
from desk.receiving import Incoming, Receipt, Receiver
from desk.settings import AssignmentSettings, ConversationSettings
from desk.turns import ClaimedTurn, Reply, TurnDesk, TurnOutcome
from routing.hours import Hours
from routing.settings import RoutingSettings
from routing.tags import NEUTRAL, Tag, Tags


class MarkTagger:
    """Tags by marks in the text: `!angry`, `!critical`, `!major`; everything else is neutral."""

    def tag(self, texts: Sequence[str]) -> list[Tags]:
        return [self._tag(text) for text in texts]

    def _tag(self, text: str) -> Tags:
        return Tags(
            sentiment=Tag(label="angry", probability=0.95) if "!angry" in text else NEUTRAL.sentiment,
            urgency=Tag(label="critical", probability=0.95) if "!critical" in text else NEUTRAL.urgency,
            level=Tag(label="major", probability=0.95) if "!major" in text else NEUTRAL.level,
            words=tuple(word for word in text.split() if word.startswith("!")),
        )


@dataclass
class Clock:
    """The time that the test says it is."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 21, 4, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


@dataclass
class DeskRoom:
    """All parts of the desk, and short words for what tests do with them."""

    pool: AsyncConnectionPool
    clock: Clock
    receiver: Receiver
    turns: TurnDesk
    ownership: Ownership
    offering: Offering
    settings: ConversationSettings

    async def open(self, customer_id: UUID | None = None) -> UUID:
        return await conversations.start(
            self.pool, NewConversation(customer_id=customer_id), now=self.clock()
        )

    async def say(self, conversation_id: UUID, text: str, client_id: str | None = None) -> Receipt:
        return await self.receiver.receive(
            Incoming(conversation_id=conversation_id, client_id=client_id or uuid4().hex, text=text)
        )

    async def claim(self) -> list[ClaimedTurn]:
        return await self.turns.claim("test", limit=10, now=self.clock())

    async def answer(self, turn: ClaimedTurn, text: str = "好的") -> str | None:
        facts = TurnFacts(text=turn.fragments[-1].text, tags=NEUTRAL, outcome="answered")
        outcome = TurnOutcome(facts=facts, replies=(Reply(text=text),))
        return await self.turns.commit(turn, outcome, now=self.clock())

    async def state(self, conversation_id: UUID) -> State:
        state = await conversations.read_state(self.pool, conversation_id)
        assert state is not None
        return state

    async def messages(self, conversation_id: UUID) -> list[Message]:
        return await conversations.read_messages(
            self.pool, conversation_id, since=0, limit=1000, with_notes=True
        )

    async def said_by(self, conversation_id: UUID, sender: str) -> list[str]:
        return [m.text for m in await self.messages(conversation_id) if m.sender == sender]

    async def add_agent(self, *, capacity: int = 2, level: str = "agent", login: str | None = None) -> UUID:
        agent_id = uuid4()
        async with self.pool.connection() as conn:
            await conn.execute(
                """
                insert into agents (id, login, name, password_hash, role, level, languages, capacity, presence, seen_at)
                values (%s, %s, %s, '', 'agent', %s, '{zh-Hans,zh-Hant-HK,en}', %s, 'online', %s)
                """,
                (agent_id, login or agent_id.hex, "小林", level, capacity, self.clock()),
            )
        return agent_id

    async def see(self, agent_id: UUID) -> None:
        """A sign of life of the agent's console."""
        async with self.pool.connection() as conn:
            await conn.execute("update agents set seen_at = %s where id = %s", (self.clock(), agent_id))


@pytest.fixture
async def room(pool: AsyncConnectionPool, database_url: str) -> AsyncIterator[DeskRoom]:
    async with open_room(pool, database_url) as opened:
        yield opened


@asynccontextmanager
async def open_room(pool: AsyncConnectionPool, database_url: str) -> AsyncIterator[DeskRoom]:
    """The desk on this database, until the block ends."""
    clock = Clock()
    settings = ConversationSettings.model_validate({})
    assignment = AssignmentSettings.model_validate({})
    handoffs = HandoffDesk(
        routing=RoutingSettings.model_validate({}),
        assignment=assignment,
        hours=lambda: Hours.every_day("08:00", "24:00"),
        zone="Asia/Shanghai",
    )
    jobs = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=database_url, min_size=1, max_size=2)
    )
    async with jobs.open_async():
        receiver = Receiver(pool, settings=settings, handoffs=handoffs, tagger=MarkTagger(), clock=clock)
        turns = TurnDesk(
            pool,
            settings=settings,
            handoffs=handoffs,
            outbox=Outbox(pool, jobs, DemoShop(pool), clock),
            generation_kept_s=259_200,
            proofs=BotSettings.model_validate({}),
        )
        ownership = Ownership(pool, handoffs, silence_reminder_s=settings.silence_reminder_s)
        await receiver.start()
        yield DeskRoom(
            pool=pool,
            clock=clock,
            receiver=receiver,
            turns=turns,
            ownership=ownership,
            offering=Offering(pool, ownership, assignment),
            settings=settings,
        )
        await receiver.stop()
