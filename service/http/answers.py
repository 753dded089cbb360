"""What answers look like, as pydantic models: they describe the API in OpenAPI and are checked by the tests.

The desk makes the JSON (docs/api/websocket.md, «Values»); nothing is copied through these models at run time.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from service.http.bodies import Language, Level, Role


class Answer(BaseModel):
    """The base of all answers; later versions may add fields."""

    model_config = ConfigDict(extra="ignore")


class ContentProblem(Answer):
    """One thing that keeps an entry or figure from being published; codes in docs/api/errors.md."""

    field: str
    code: str
    values: dict[str, str]
    message: str
    fix: str


class ErrorDetail(Answer):
    """docs/api/errors.md."""

    code: str
    message: str
    field: str | None
    request_id: str
    retry_after_s: int | None = None
    current: dict[str, Any] | None = None
    problems: list[ContentProblem] | None = None
    run: dict[str, Any] | None = None


class Error(Answer):
    """Every error has this shape."""

    error: ErrorDetail


class Named(Answer):
    """An agent as customers see one."""

    name: str


class AgentRef(Answer):
    """An agent as colleagues see one in a list."""

    id: UUID
    name: str


class QueuePlace(Answer):
    """Where in the queue."""

    position: int
    expected_minutes: int


class State(Answer):
    """A conversation as its customer sees it."""

    id: UUID
    owner: Literal["bot", "queue", "agent", "none"]
    epoch: int
    language: Language
    last_seq: int
    agent: Named | None
    queue: QueuePlace | None
    resolution: Literal["solved", "unsolved"] | None


class Service(Answer):
    """How the parts are."""

    status: Literal["ok", "degraded"]
    parts: list[str]


class Message(Answer):
    """One message."""

    conversation_id: UUID
    seq: int
    client_id: str | None
    sender: Literal["customer", "bot", "agent", "system"]
    agent: Named | None
    kind: Literal["text", "image", "order_card", "case_card", "notice", "note"]
    text: str
    payload: dict[str, Any]
    sent_at: AwareDatetime


class TagAnswer(Answer):
    """One label, and how sure it is."""

    label: str
    probability: float


class TagsCorrected(Answer):
    """Whose word it is that counts."""

    by: Named
    at: AwareDatetime


class MessageTags(Answer):
    """Mood, urgency and complaint level of a customer's message, and the words that led there."""

    sentiment: TagAnswer
    urgency: TagAnswer
    level: TagAnswer
    words: list[str]
    corrected: TagsCorrected | None


class AgentsMessage(Message):
    """One message as agents see it."""

    tags: MessageTags | None


class AgentsMessages(Answer):
    """Messages in order, for agents."""

    messages: list[AgentsMessage]
    more: bool


class RetaggedAnswer(Answer):
    """The tags now; `counts` is false where the word of a higher level stands."""

    tags: MessageTags | None
    counts: bool


class SummaryCustomer(Answer):
    """A customer in a list."""

    name: str
    vip: bool


class LastMessage(Answer):
    """The newest words."""

    sender: str
    text: str
    sent_at: AwareDatetime


class Summary(Answer):
    """A conversation as one line of a list."""

    id: UUID
    owner: Literal["bot", "queue", "agent", "none"]
    epoch: int
    language: Language
    customer: SummaryCustomer | None
    last_seq: int
    last_message: LastMessage | None
    unread: int
    reasons: list[str]
    sentiment: str | None
    waiting_since: AwareDatetime | None
    first_response_due_at: AwareDatetime | None
    agent: AgentRef | None
    created_at: AwareDatetime


class Started(Answer):
    """A new conversation and the token that opens it."""

    conversation_id: UUID
    token: str
    state: State


class ConversationAnswer(Answer):
    """State and health."""

    state: State
    service: Service


class StateAnswer(Answer):
    """The state after a change."""

    state: State


class Messages(Answer):
    """Messages in order of seq."""

    messages: list[Message]
    more: bool


class Receipt(Answer):
    """The message is on disk."""

    seq: int
    sent_at: AwareDatetime


class Judged(Answer):
    """What the customer has said of the answer with this seq."""

    seq: int
    helpful: bool


class AttachmentAnswer(Answer):
    """The picture is on disk; send it as a message."""

    attachment_id: UUID


class Me(Answer):
    """One person."""

    id: UUID
    login: str
    name: str
    role: Role
    level: Level
    skills: list[str]
    languages: list[str]
    capacity: int
    presence: Literal["online", "away", "offline"]
    load: int
    must_change_password: bool


class SessionAnswer(Answer):
    """Who is signed in; writes carry csrf_token as X-CSRF-Token."""

    me: Me
    csrf_token: str


class MeAnswer(Answer):
    """Oneself after a change."""

    me: Me


class Conversations(Answer):
    """A list of the console."""

    conversations: list[Summary]
    more: bool


class Detail(Answer):
    """All about one conversation."""

    summary: Summary
    brief: dict[str, Any] | None
    customer: dict[str, Any] | None
    orders: list[dict[str, Any]]
    cases: list[dict[str, Any]]
    ownerships: list[dict[str, Any]]
    history: list[dict[str, Any]]


class SummaryAnswer(Answer):
    """The conversation after a change."""

    summary: Summary


class Queue(Answer):
    """The queue in its order."""

    entries: list[Summary]


class Colleague(Answer):
    """What every agent sees of another."""

    id: UUID
    name: str
    presence: Literal["online", "away", "offline"]
    load: int
    capacity: int


class Colleagues(Answer):
    """Everybody who is active."""

    agents: list[Colleague]


class AdminAgent(Me):
    """A person as the admin page shows one."""

    is_active: bool
    created_at: AwareDatetime
    locked_until: AwareDatetime | None


class AdminAgents(Answer):
    """Everybody."""

    agents: list[AdminAgent]


class CreatedAgent(Answer):
    """A new person and the first password, shown once."""

    agent: AdminAgent
    password: str


class ChangedAgent(Answer):
    """The person after the change."""

    agent: AdminAgent


class FirstPassword(Answer):
    """A new first password, shown once."""

    password: str


class HoursAnswer(Answer):
    """Business hours."""

    version: int
    days: dict[str, list[list[str]]]
    closed_dates: list[str]


class Setting(Answer):
    """One effective setting."""

    name: str
    value: Any
    default: Any
    source: str
    help: str


class SettingsAnswer(Answer):
    """All of them, no secrets."""

    settings: list[Setting]


class Process(Answer):
    """A service process, the database or Rasa; what is not known, or does not apply, is null or left out."""

    name: Literal["service", "database", "rasa"]
    state: Literal["ok", "down"]
    pid: int | None = None
    host: str | None = None
    since: AwareDatetime | None = None
    memory_bytes: int | None = None
    is_this: bool | None = None
    size_bytes: int | None = None
    model: str | None = None


class QueueFigures(Answer):
    """The queue in figures."""

    waiting: int
    offered: int
    overdue: int
    longest_wait_s: float | None


class TurnFigures(Answer):
    """The bot's turns of the last `window_s`."""

    committed: int
    dropped: int
    claimed: int
    dropped_by_reason: dict[str, int]
    window_s: int


class Model(Answer):
    """What decides; the version is null where there is none."""

    name: Literal["triage", "knowledge_base", "encoder", "rasa"]
    version: str | None


class Status(Answer):
    """Processes, queue, turns, models."""

    processes: list[Process]
    queue: QueueFigures
    turns: TurnFigures
    models: list[Model]


class AuditEntry(Answer):
    """One row of the audit log."""

    id: int
    at: AwareDatetime
    actor_kind: str
    actor_id: UUID | None
    actor_login: str | None
    action: str
    subject: str
    details: dict[str, Any]


class Audit(Answer):
    """Newest first."""

    entries: list[AuditEntry]
    more: bool


class DemoCustomers(Answer):
    """A dozen to try."""

    customers: list[dict[str, Any]]


class IdentityAnswer(Answer):
    """A signed identity."""

    identity: str


class DemoOrders(Answer):
    """Orders for every row of the policy."""

    orders: list[dict[str, Any]]


class Play(Answer):
    """A private copy of the demo shop."""

    sandbox: str
    identity: str
    numbers: dict[str, str]


class Handoff(Answer):
    """Handed to people after the message with this seq."""

    after_seq: int
    reasons: list[str]


class AnsweredEntry(Answer):
    """A knowledge entry that answered the customer's message with this seq."""

    seq: int
    entry: str


class PlayRecord(Answer):
    """What a played conversation came to."""

    owner: Literal["bot", "queue", "agent", "none"]
    last_seq: int
    awaits_bot: bool
    handoffs: list[Handoff]
    cases: list[dict[str, Any]]
    answered: list[AnsweredEntry]


class Alive(Answer):
    """The process lives."""

    status: Literal["ok"]


class Ready(Answer):
    """Whether the parts are well."""

    status: Literal["ok", "degraded", "down"]
    parts: dict[str, Literal["ok", "down"]]
