"""Who may call a route, as values; and the look-up of who is signed in.

The rules themselves stand in the route table. The desk checks nothing of this again.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aiohttp import web
from psycopg_pool import AsyncConnectionPool

from desk import sign_ins
from desk.sign_ins import SignedIn
from service.http.errors import BadCsrf, Forbidden, NotSignedIn, PasswordChangeNeeded

COOKIE = "anxin_session"
CSRF_HEADER = "X-CSRF-Token"
ROLES = ("agent", "editor", "supervisor", "admin")


@dataclass(frozen=True, kw_only=True)
class Access:
    """`public`: anybody. `customer`: the token of this conversation. `people`: signed in, with one of the roles.

    `operators`: addresses named in service.metrics_from. `with_first_password`: also before somebody who was given
    a first password has chosen another one.
    """

    kind: Literal["public", "customer", "people", "operators"]
    roles: frozenset[str] = frozenset()
    with_first_password: bool = False


PUBLIC = Access(kind="public")
CUSTOMER = Access(kind="customer")
OPERATORS = Access(kind="operators")
SIGNED_IN = Access(kind="people", roles=frozenset(ROLES), with_first_password=True)
DESK = Access(kind="people", roles=frozenset({"agent", "supervisor", "admin"}))
KNOWLEDGE = Access(kind="people", roles=frozenset({"editor", "supervisor", "admin"}))
KNOWLEDGE_SUPERVISES = Access(kind="people", roles=frozenset({"supervisor", "admin"}))
KNOWLEDGE_READS = Access(kind="people", roles=frozenset(ROLES))
ADMIN_READS = Access(kind="people", roles=frozenset({"supervisor", "admin"}))
ADMIN = Access(kind="people", roles=frozenset({"admin"}))


class People:
    """Finds who is signed in, from the session cookie."""

    def __init__(self, pool: AsyncConnectionPool, now: Callable[[], datetime]) -> None:
        self._pool = pool
        self._now = now

    async def signed_in(self, request: web.Request, access: Access) -> SignedIn:
        """Who sends this.

        NotSignedIn without a live session, Forbidden when the role is not among the rule's, PasswordChangeNeeded.
        """
        token = request.cookies.get(COOKIE)
        found = await sign_ins.find(self._pool, token, now=self._now()) if token else None
        if found is None:
            raise NotSignedIn("Sign in first; there is no session, or it has ended.")
        if found.agent.role not in access.roles:
            raise Forbidden("Your role may not do this.")
        if found.agent.must_change_password and not access.with_first_password:
            raise PasswordChangeNeeded("This is a first password; change it by POST /api/session/password.")
        return found


def check_csrf(request: web.Request, signed_in: SignedIn) -> None:
    """BadCsrf unless the header carries the session's token."""
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), signed_in.csrf_token.encode()):
        raise BadCsrf(f"{CSRF_HEADER} is missing or old; GET /api/session tells the present one.")
