"""The typed keys under which the composition root hangs the parts into the aiohttp application.

Handlers and sockets find what they need here; only service/app.py puts something in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from aiohttp import web
from psycopg_pool import AsyncConnectionPool

from desk.details import Shop
from desk.knowledge_gaps import KnowledgeGaps
from desk.ownership import Ownership
from desk.passwords import Passwords
from desk.receiving import Receiver
from knowledge_base.gatekeeping import Gatekeeper
from knowledge_base.indexing import PhrasingIndexer
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.publishing import Publishing
from knowledge_base.similar_entries import SimilarEntries
from service.health import Health
from service.http.access import People
from service.http.client_address import Network
from service.http.customer_tokens import CustomerTokens
from service.http.identities import Identities
from service.http.rate_limits import RateLimits
from service.metrics import Metrics
from service.processes import ServiceProcess
from service.settings import Settings
from service.shop_hours import CurrentHours
from service.sockets.hub import Hub
from service.sockets.open_sockets import OpenSockets


class Clock:
    """The present moment, aware and in UTC; tests give another one."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now


SETTINGS = web.AppKey("settings", Settings)
POOL = web.AppKey("pool", AsyncConnectionPool)
CLOCK = web.AppKey("clock", Clock)
LIMITS = web.AppKey("limits", RateLimits)
TOKENS = web.AppKey("tokens", CustomerTokens)
IDENTITIES = web.AppKey("identities", Identities)
PASSWORDS = web.AppKey("passwords", Passwords)
PEOPLE = web.AppKey("people", People)
RECEIVER = web.AppKey("receiver", Receiver)
OWNERSHIP = web.AppKey("ownership", Ownership)
SHOP = web.AppKey("shop", Shop)
KNOWLEDGE = web.AppKey("knowledge", LiveKnowledgeBase)
KNOWLEDGE_INDEX = web.AppKey("knowledge_index", PhrasingIndexer)
KNOWLEDGE_GAPS = web.AppKey("knowledge_gaps", KnowledgeGaps)
SIMILAR_ENTRIES = web.AppKey("similar_entries", SimilarEntries)
GATEKEEPER = web.AppKey("gatekeeper", Gatekeeper)
PUBLISHING = web.AppKey("publishing", Publishing)
HEALTH = web.AppKey("health", Health)
HOURS = web.AppKey("hours", CurrentHours)
HUB = web.AppKey("hub", Hub)
SOCKETS = web.AppKey("sockets", OpenSockets)
PROCESS = web.AppKey("process", ServiceProcess)
MODELS: web.AppKey[Callable[[], Mapping[str, str | None]]] = web.AppKey("models")
"""What the process decides with: a model's name and which version of it, None where it has none."""
METRICS = web.AppKey("metrics", Metrics)
TRUSTED: web.AppKey[Sequence[Network]] = web.AppKey("trusted")

REQUEST_ID = web.RequestKey("request_id", str)
