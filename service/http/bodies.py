"""What requests carry: bodies and queries as pydantic models. Unknown fields are refused, types are exact.

Rules that need a setting or the database are the desk's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

BIGGEST_SEQ = 2**53
"""Numbers beyond this lose digits in browsers."""

ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$", description="Chosen by the sender.")]
Epoch = Annotated[int, Field(ge=0, le=2_000_000_000, description="The epoch that was read.")]
Seq = Annotated[int, Field(ge=0, le=BIGGEST_SEQ)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Summary = Annotated[str, Field(max_length=1000, description="What the bot is told.")]
TransferNote = Annotated[str, Field(max_length=2000, description="For the next agent only.")]
Language = Literal["zh-Hans", "zh-Hant-HK", "en"]
Role = Literal["agent", "editor", "supervisor", "admin"]
Level = Literal["agent", "senior", "supervisor"]
Login = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,39}$")]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Skills = Annotated[list[Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,64}$")]], Field(max_length=50)]
Languages = Annotated[list[Language], Field(min_length=1, max_length=3)]
Capacity = Annotated[int, Field(ge=0, le=50)]


class Body(BaseModel):
    """The base of all bodies."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Query(BaseModel):
    """The base of all queries: texts are turned into numbers, unknown parameters are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class StartConversation(Body):
    """A customer opens the chat."""

    identity: str | None = Field(
        None, max_length=8000, description="JWT of the shop's server, docs/api/identity.md."
    )
    language: Language | None = None
    page: str | None = Field(None, max_length=2000, description="Address of the page; it is not kept.")


class SendMessage(Body):
    """Exactly one of text, button and attachment_id."""

    client_id: ClientId
    text: Text | None = None
    button: str | None = Field(None, min_length=1, max_length=64, description="Id of a quick reply.")
    attachment_id: UUID | None = None


class ReadUpTo(Body):
    """Read up to this message."""

    seq: Seq


class TagLabels(Body):
    """What an agent says of a customer's message: mood, urgency, complaint level."""

    sentiment: Literal["angry", "negative", "neutral", "positive"]
    urgency: Literal["normal", "high", "critical"]
    level: Literal["none", "minor", "serious", "major"]


class Judgement(Body):
    """Whether an answer of the knowledge base helped."""

    helpful: bool


class SignIn(Body):
    """Login and password."""

    login: str = Field(min_length=1, max_length=80)
    password: str = Field(min_length=1, max_length=200)


class ChangePassword(Body):
    """One's own password."""

    old_password: str = Field(min_length=1, max_length=200)
    new_password: str = Field(min_length=10, max_length=200)


class Reply(Body):
    """What an agent writes: a reply or a note."""

    client_id: ClientId
    text: Text


class AtEpoch(Body):
    """Accept or claim what was read at this epoch."""

    epoch: Epoch


class HandBack(Body):
    """Back to the bot, which is told the summary."""

    epoch: Epoch
    summary: Summary = ""


class Transfer(Body):
    """To another agent, or back to the queue (agent_id null) for somebody of at least this level."""

    epoch: Epoch
    agent_id: UUID | None = None
    note: TransferNote = ""
    level: Level = "agent"


class CloseConversation(Body):
    """The agent ends it."""

    epoch: Epoch
    resolution: Literal["solved", "unsolved"]


class SetPresence(Body):
    """Whether somebody is there."""

    state: Literal["online", "away", "offline"]


class NewAgentBody(Body):
    """A new account."""

    login: Login
    name: Name
    role: Role
    level: Level = "agent"
    skills: Skills = []
    languages: Languages = ["zh-Hans"]
    capacity: Capacity = 5


class AgentChanges(Body):
    """What is given is changed."""

    name: Name | None = None
    role: Role | None = None
    level: Level | None = None
    skills: Skills | None = None
    languages: Languages | None = None
    capacity: Capacity | None = None
    is_active: bool | None = None


Span = Annotated[list[Annotated[str, Field(pattern=r"^\d\d:\d\d$")]], Field(min_length=2, max_length=2)]
Spans = Annotated[list[Span], Field(max_length=6)]


class HoursBody(Body):
    """Business hours in the shop's zone."""

    version: int = Field(ge=0, le=2_000_000_000, description="The version that was read.")
    days: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], Spans]
    closed_dates: list[Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]] = Field([], max_length=400)


class DemoIdentity(Body):
    """Which demo customer."""

    shop_id: str = Field(min_length=1, max_length=128)


class PlaySetup(Body):
    """What `anxin play` sets up before the conversation; gaps are passed as they come."""

    clock: str | None = Field(
        None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Shop time at the start."
    )
    order_value: float | None = Field(None, ge=0, le=10_000_000, description="In yuan.")
    vip: bool | None = None


class NewPlay(Body):
    """A private copy of a customer and the orders."""

    customer: str | None = Field(None, max_length=128)
    setup: PlaySetup | None = None
    mentioned: list[Annotated[str, Field(max_length=64)]] = Field(
        [], max_length=100, description="Order numbers that the conversation names; order_value goes to them."
    )


class PassTime(Body):
    """Time that passes in a played conversation."""

    hours: float = Field(gt=0, le=9000, allow_inf_nan=False)


class MessagesQuery(Query):
    """Messages after a seq."""

    since: int = Field(0, ge=0, le=BIGGEST_SEQ)
    limit: int = Field(200, ge=1, le=500)


class ConversationsQuery(Query):
    """One of the console's lists."""

    view: Literal["mine", "queue", "all", "closed"] = "mine"
    before: datetime | None = Field(None, description="Only those created before; RFC 3339.")
    limit: int = Field(50, ge=1, le=200)


class AuditQuery(Query):
    """Pages through the audit log, newest first."""

    before: int | None = Field(None, ge=1, le=BIGGEST_SEQ)
    limit: int = Field(100, ge=1, le=500)
