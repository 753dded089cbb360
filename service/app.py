"""The composition root: builds every part of one service process and hangs it into the aiohttp application.

Concrete classes meet only here. Nothing is opened before the application starts; a database that is away keeps
nothing from starting, it is waited for.
"""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from secrets import token_urlsafe
from typing import Any
from zoneinfo import ZoneInfo

import procrastinate
from aiohttp import web
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from bot.action_listener import build_action_app
from bot.rasa_client import RasaClient
from bot.rasa_trackers import delete_trackers_before
from bot.thinking import Thinker
from bot.turn_worker import TurnWorkers
from desk import audit, order_proof
from desk.counting import CountingConnection, CountMessages
from desk.demo_data import shift_to_today
from desk.demo_play import delete_old_sandboxes
from desk.demo_shop import DemoShop
from desk.details import Shop
from desk.ending import end
from desk.handoff import HandoffDesk
from desk.hours import default_hours
from desk.knowledge_gaps import KnowledgeGaps
from desk.offering import Offering
from desk.order_proof import Claim, Verdict
from desk.orders import OrderService
from desk.outbox import STALLED_S, Outbox
from desk.ownership import Ownership
from desk.passwords import Passwords
from desk.receiving import Receiver
from desk.rest_shop import RestShop
from desk.silence import mind_silence
from desk.turns import TurnDesk
from knowledge_base import upkeep
from knowledge_base.due import DueWork, Step
from knowledge_base.encoder import load_encoder
from knowledge_base.gaps import costs_of
from knowledge_base.gatekeeping import Gatekeeper
from knowledge_base.indexing import PhrasingIndexer
from knowledge_base.items import Item as KnowledgeItem
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.publishing import Publishing
from knowledge_base.similar_entries import SimilarEntries
from routing.triage import Tagger
from service import keys, secrets
from service.background import Background, Nudge, every
from service.health import Health
from service.http.access import People
from service.http.client_address import parse_networks
from service.http.customer_tokens import CustomerTokens
from service.http.identities import Identities
from service.http.middlewares import every_request
from service.http.rate_limits import RateLimits
from service.http.route import Route, register
from service.http.route_table import routes
from service.http.sessions import UNKNOWN_LOGINS, UnknownLogins
from service.knowledge_imports import are_imports_open
from service.metrics import Metrics
from service.processes import this_process
from service.rasa_state import RasaState
from service.settings import Settings
from service.shop_hours import CurrentHours
from service.sockets.agent import agent_socket
from service.sockets.customer import customer_socket
from service.sockets.hub import Hub
from service.sockets.open_sockets import CHECK_EVERY_S, OpenSockets
from service.supervision.subcommand import run_command
from service.tagging import load_or_neutral, newest_model

POOL_TIMEOUT_S = 3.0
"""A request waits this long for a connection, then it is told `unavailable`."""
RECONNECT_S = 5.0
"""Attempts to connect are given up after this and begun anew, so that a returned database is noticed soon."""
SILENCE_EVERY_S = 5.0
HEALTH_EVERY_S = 2.0
HOURS_EVERY_S = 10.0
"""New hours reach the other processes within this."""
TRACKERS_EVERY_S = 3600.0
SWEEP_S = 1.0
KNOWLEDGE_EVERY_S = 2.0
IMPORTS_EVERY_S = 1.0
DUE_EVERY_S = 2.0
DEMO_EVERY_S = 600.0


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What tests replace: time and the tagger; `with_bot`: turn workers and action listener run."""

    clock: Callable[[], datetime] = utc_now
    tagger: Tagger | None = None
    with_bot: bool = True


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What runs in the background of one process, built and not yet started."""

    pool: AsyncConnectionPool
    orders: OrderService
    jobs: procrastinate.App
    outbox: Outbox
    handoffs: HandoffDesk
    turns: TurnDesk
    receiver: Receiver
    offering: Offering
    queue_nudge: Nudge
    rasa: RasaClient
    workers: TurnWorkers
    hub: Hub


PARTS = web.AppKey("parts", Parts)
OUTSIDE = web.AppKey("outside", Outside)
ROUTES: web.AppKey[Sequence[Route]] = web.AppKey("routes")
DATABASE_URL = web.AppKey("database_url", str)


def build_app(settings: Settings, *, database_url: str, outside: Outside | None = None) -> web.Application:
    """One service process as an application. RouteTableError where a route has no rule."""
    outside = outside or Outside()
    app = web.Application(middlewares=[every_request], client_max_size=settings.sections.limits.body_bytes)
    app[OUTSIDE] = outside
    app[DATABASE_URL] = database_url
    app[keys.METRICS] = metrics = Metrics()
    app[keys.PROCESS] = process = this_process(outside.clock())
    pool = make_pool(
        database_url,
        size=settings.sections.database.pool_size,
        name=process.connection_name,
        count=metrics.count_messages,
    )
    _hang_in_edges(app, settings, pool, outside)
    _hang_in_desk(app, settings, pool, outside, database_url)
    table = routes(
        is_demo=settings.sections.demo.enabled,
        version=version("anxin"),
        customer_socket=customer_socket,
        agent_socket=agent_socket,
    )
    register(app, table)
    app[ROUTES] = table
    app.on_shutdown.append(_close_sockets)
    app.cleanup_ctx.extend([_open_pool, _run_desk, _run_bot, _run_background])
    return app


def route_table_of(app: web.Application) -> Sequence[Route]:
    """Every route of the application."""
    return app[ROUTES]


def make_pool(database_url: str, *, size: int, name: str, count: CountMessages) -> AsyncConnectionPool:
    """A pool that waits for its database for ever, and lets requests wait for seconds only."""

    async def configure(connection: AsyncConnection) -> None:
        assert isinstance(connection, CountingConnection)
        connection.count_messages = count

    return AsyncConnectionPool(
        database_url,
        connection_class=CountingConnection,
        configure=configure,
        check=_check_unless_quiet,
        min_size=2,
        max_size=size,
        open=False,
        timeout=POOL_TIMEOUT_S,
        reconnect_timeout=RECONNECT_S,
        kwargs={"connect_timeout": 3, "application_name": name},
    )


async def _check_unless_quiet(connection: AsyncConnection) -> None:
    """Refuse a connection that the server has ended, without a round trip for those that are well.

    Nothing is to be read from an idle connection unless the server has closed it (or sent some news, which is rare).
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        await AsyncConnectionPool.check_connection(connection)


def _hang_in_edges(
    app: web.Application, settings: Settings, pool: AsyncConnectionPool, outside: Outside
) -> None:
    """What stands between a request and the desk."""
    sections = settings.sections
    secret_key = _secret(settings, "ANXIN_SECRET_KEY")
    identity_secret = _secret(settings, "ANXIN_IDENTITY_SECRET")
    app[keys.SETTINGS] = settings
    app[keys.POOL] = pool
    app[keys.CLOCK] = keys.Clock(outside.clock)
    app[keys.LIMITS] = RateLimits(sections.limits)
    app[keys.TRUSTED] = parse_networks(sections.service.trusted_proxies)
    app[keys.TOKENS] = CustomerTokens(secret_key, days=sections.accounts.customer_token_days)
    app[keys.IDENTITIES] = Identities(
        identity_secret, max_age_s=sections.accounts.identity_max_age_s, is_demo=sections.demo.enabled
    )
    app[keys.PASSWORDS] = Passwords()
    app[keys.PEOPLE] = People(pool, outside.clock)
    app[UNKNOWN_LOGINS] = UnknownLogins()


def _hang_in_knowledge(
    app: web.Application, settings: Settings, pool: AsyncConnectionPool, clock: Callable[[], datetime]
) -> None:
    """The knowledge base and its index. EncoderError names the file and the fix."""
    section = settings.sections.knowledge_base
    encoder = load_encoder(settings.home / section.encoder)
    app[keys.KNOWLEDGE] = LiveKnowledgeBase(pool, encoder, section.costs)
    app[keys.KNOWLEDGE_INDEX] = PhrasingIndexer(encoder)
    app[keys.KNOWLEDGE_GAPS] = KnowledgeGaps(pool, encoder, costs_of(section.costs))
    app[keys.SIMILAR_ENTRIES] = SimilarEntries(pool, encoder.hash)
    gatekeeper = Gatekeeper(pool, app[keys.KNOWLEDGE], section.costs, clock)
    app[keys.GATEKEEPER] = gatekeeper
    app[keys.PUBLISHING] = Publishing(pool, gatekeeper, app[keys.KNOWLEDGE_INDEX], section)


def _hang_in_desk(
    app: web.Application,
    settings: Settings,
    pool: AsyncConnectionPool,
    outside: Outside,
    database_url: str,
) -> None:
    """The desk, the bot and the sockets."""
    sections, clock, metrics = settings.sections, outside.clock, app[keys.METRICS]
    hours = CurrentHours(pool, default_hours(sections.shop.open_from, sections.shop.open_until))
    handoffs = HandoffDesk(
        routing=sections.routing,
        assignment=sections.assignment,
        hours=hours,
        zone=sections.shop.time_zone,
    )
    tagger = outside.tagger or load_or_neutral(settings.data)
    receiver = Receiver(pool, settings=sections.conversations, handoffs=handoffs, tagger=tagger, clock=clock)
    ownership = Ownership(pool, handoffs, silence_reminder_s=sections.conversations.silence_reminder_s)
    orders = _orders(settings, pool, clock)
    jobs = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=database_url, min_size=1, max_size=3)
    )
    rasa = _rasa(settings)
    state = RasaState(rasa)
    _hang_in_knowledge(app, settings, pool, clock)
    knowledge = app[keys.KNOWLEDGE]
    app[keys.MODELS] = _models(settings, outside, knowledge, state)
    health = Health(pool, is_rasa_up=state.is_up, metrics=metrics)
    outbox = Outbox(pool, jobs, orders, clock)
    turns = TurnDesk(
        pool,
        settings=sections.conversations,
        handoffs=handoffs,
        outbox=outbox,
        generation_kept_s=sections.bot.generation_kept_s,
        proofs=sections.bot,
    )
    workers = TurnWorkers(
        turns,
        Thinker(rasa=rasa, knowledge=knowledge, turns=turns, model=state.model, is_rasa_up=state.was_up),
        name=f"{os.uname().nodename}:{os.getpid()}",
        limit=sections.bot.workers,
        think_timeout_s=sections.conversations.turn_lease_s,
        clock=clock,
        model=state.model,
        count=metrics.count_turn,
    )
    nudge = Nudge()
    hub = Hub(
        pool,
        database_url,
        handling_minutes=sections.assignment.handling_minutes,
        clock=clock,
        on_due=workers.wake,
        on_queue=nudge.give,
    )
    health.on_change(hub.tell_service_state)
    if outside.with_bot:
        health.watch_workers(workers.is_running)
    app[keys.RECEIVER] = receiver
    app[keys.OWNERSHIP] = ownership
    zone = ZoneInfo(sections.shop.time_zone)
    app[keys.SHOP] = Shop(orders=orders, policy=app[keys.KNOWLEDGE], zone=zone)
    app[keys.HEALTH] = health
    app[keys.HOURS] = hours
    app[keys.HUB] = hub
    app[keys.SOCKETS] = OpenSockets(pool, clock)
    app[PARTS] = Parts(
        pool=pool,
        orders=orders,
        jobs=jobs,
        outbox=outbox,
        handoffs=handoffs,
        turns=turns,
        receiver=receiver,
        offering=Offering(pool, ownership, sections.assignment),
        queue_nudge=nudge,
        rasa=rasa,
        workers=workers,
        hub=hub,
    )


def _models(
    settings: Settings, outside: Outside, knowledge: LiveKnowledgeBase, rasa: RasaState
) -> Callable[[], Mapping[str, str | None]]:
    """Versions of what the process decides with; Rasa's is the one that its server last told."""
    folder = newest_model(settings.data) if outside.tagger is None else None
    triage = folder.name if folder else None
    return lambda: {
        "triage": triage,
        "knowledge_base": str(knowledge.known_version),
        "encoder": knowledge.encoder,
        "rasa": rasa.model(),
    }


@dataclass(frozen=True, kw_only=True)
class _OrderProofs:
    """desk.order_proof.check with its pool, orders and settings filled in."""

    pool: AsyncConnectionPool
    orders: OrderService
    settings: order_proof.ProofSettings

    async def check(self, claim: Claim, *, now: datetime) -> Verdict:
        """See desk.order_proof.check."""
        return await order_proof.check(self.pool, self.orders, claim, self.settings, now=now)


def build_actions(app: web.Application) -> web.Application:
    """The application that answers Rasa's action calls, with the parts of this process."""
    settings, parts = app[keys.SETTINGS], app[PARTS]
    bot = settings.sections.bot
    return build_action_app(
        orders=parts.orders,
        desk=parts.turns,
        proofs=_OrderProofs(pool=parts.pool, orders=parts.orders, settings=bot),
        policy=app[keys.SHOP].policy,
        token=_secret(settings, "ANXIN_RASA_TOKEN"),
        timeout_s=bot.action_timeout_s,
        zone=app[keys.SHOP].zone,
        lock_minutes=round(bot.lookup_lock_s / 60),
        clock=app[OUTSIDE].clock,
    )


def _orders(settings: Settings, pool: AsyncConnectionPool, clock: Callable[[], datetime]) -> OrderService:
    shop = settings.sections.shop
    if shop.orders == "demo":
        return DemoShop(pool, clock)
    token = settings.secret("ANXIN_SHOP_API_TOKEN") or ""
    return RestShop(shop.api_url, token, timeout_s=shop.api_timeout_s)


def _rasa(settings: Settings) -> RasaClient:
    bot = settings.sections.bot
    url = bot.rasa_url or f"http://127.0.0.1:{bot.rasa_port}"
    return RasaClient(url, _secret(settings, "ANXIN_RASA_TOKEN"), timeout_s=bot.rasa_timeout_s)


def _secret(settings: Settings, variable: str) -> str:
    """From the environment or the data folder; generated where there is none.

    A shop's identity secret is never generated: without one no identity can be right, so a random one stands in.
    """
    return secrets.ensure(settings).get(variable) or token_urlsafe(36)


async def _open_pool(app: web.Application) -> AsyncIterator[None]:
    pool = app[keys.POOL]
    await pool.open(wait=False)
    yield
    app[keys.PASSWORDS].close()
    await pool.close(timeout=2)


async def _run_desk(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.receiver.start()
    await parts.hub.start()
    yield
    await parts.hub.stop()
    await parts.receiver.stop()
    if isinstance(parts.orders, RestShop):
        await parts.orders.close()


async def _close_sockets(app: web.Application) -> None:
    await app[keys.SOCKETS].close_all()


async def _run_bot(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    if app[OUTSIDE].with_bot:
        await parts.workers.start()
    yield
    if app[OUTSIDE].with_bot:
        await parts.workers.stop()
    await parts.rasa.close()


async def _run_background(app: web.Application) -> AsyncIterator[None]:
    parts, settings, clock = app[PARTS], app[keys.SETTINGS].sections, app[OUTSIDE].clock
    background = Background()
    background.start(every(HEALTH_EVERY_S, "health", app[keys.HEALTH].check), "health")
    background.start(every(HOURS_EVERY_S, "hours", app[keys.HOURS].refresh), "hours")
    background.start(every(CHECK_EVERY_S, "sign_ins", app[keys.SOCKETS].close_ended), "sign_ins")
    background.start(every(KNOWLEDGE_EVERY_S, "knowledge_ready", app[keys.KNOWLEDGE].get_ready), "ready")
    if app[OUTSIDE].with_bot:
        offer = every(0, "offering", lambda: _offer_when_nudged(parts, clock))
        background.start(offer, "offering")
        mind = every(
            SILENCE_EVERY_S, "silence", lambda: mind_silence(parts.pool, settings.conversations, clock())
        )
        background.start(mind, "silence")
        background.start(every(SWEEP_S, "outbox", lambda: _work_on_jobs(parts)), "outbox")
        kept = timedelta(seconds=settings.bot.generation_kept_s)
        forget = every(TRACKERS_EVERY_S, "trackers", lambda: forget_trackers(parts.pool, clock() - kept))
        background.start(forget, "trackers")
        knowledge = every(KNOWLEDGE_EVERY_S, "knowledge", lambda: _keep_up_knowledge(app))
        background.start(knowledge, "knowledge")
        taken = every(IMPORTS_EVERY_S, "imports", lambda: _bring_imports_to_their_end(app))
        background.start(taken, "imports")
    background.start(every(DUE_EVERY_S, "knowledge_due", lambda: _do_due(app, clock())), "knowledge_due")
    if settings.demo.enabled:
        background.start(every(DEMO_EVERY_S, "demo", lambda: _mind_demo(parts.pool, clock())), "demo")
    yield
    await background.stop()
    await app[keys.GATEKEEPER].stop()


async def _offer_when_nudged(parts: Parts, clock: Callable[[], datetime]) -> None:
    await parts.queue_nudge.wait(SWEEP_S)
    await parts.offering.run_pass(clock())


async def _work_on_jobs(parts: Parts) -> None:
    """Runs until it is cancelled; a database that goes away ends it, and it is begun anew."""
    async with parts.jobs.open_async():
        rescue = every(STALLED_S, "abandoned_jobs", parts.outbox.retry_abandoned)
        rescuing = asyncio.create_task(rescue, name="abandoned_jobs")
        try:
            await parts.jobs.run_worker_async(
                concurrency=4, install_signal_handlers=False, listen_notify=True
            )
        finally:
            await end([rescuing])


async def _do_due(app: web.Application, now: datetime) -> None:
    """Publish and end what editors have planned for now; any process does it, once."""

    async def record(conn: AsyncConnection[Any], item: KnowledgeItem, step: Step) -> None:
        details = {"kind": item.kind, "revision": item.revision}
        await audit.record(
            conn,
            actor_kind="system",
            actor_id=None,
            action=f"knowledge.{step}",
            subject=item.id,
            details=details,
            now=now,
        )

    index = app[keys.KNOWLEDGE_INDEX]
    work = DueWork(pool=app[keys.POOL], publishing=app[keys.PUBLISHING], index=index, record=record)
    await work.do(now)


async def _keep_up_knowledge(app: web.Application) -> None:
    """After a publish that changed phrasings, fit the probabilities anew, in a process of its own."""
    if not await upkeep.is_needed(app[keys.POOL], app[keys.KNOWLEDGE].encoder):
        return
    environment = {"ANXIN_DATABASE_URL": app[DATABASE_URL]}
    await run_command("kb", "upkeep", environment=environment)


async def _bring_imports_to_their_end(app: web.Application) -> None:
    """Files that wait to be imported, and those whose import was cut off, in a process of its own."""
    if await are_imports_open(app[keys.POOL]):
        await run_command("kb", "import", "--open", environment={"ANXIN_DATABASE_URL": app[DATABASE_URL]})


async def forget_trackers(pool: AsyncConnectionPool, before: datetime) -> None:
    """Delete Rasa's trackers that nothing was said in since, a batch per transaction."""
    is_more = True
    while is_more:
        async with pool.connection() as conn:
            is_more = await delete_trackers_before(conn, before) > 0


async def _mind_demo(pool: AsyncConnectionPool, now: datetime) -> None:
    await shift_to_today(pool, now)
    await delete_old_sandboxes(pool, now)
