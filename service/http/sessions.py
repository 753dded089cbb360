"""Signing in and out, and one's own password."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from desk import people, sign_ins
from desk.people import Agent
from desk.sign_ins import SignInRules, UnknownLogin, too_many_tries
from service import keys
from service.http.access import COOKIE
from service.http.bodies import ChangePassword, SignIn
from service.http.calls import Call, json_answer, no_content
from service.settings import AccountSettings


@dataclass(kw_only=True)
class _Tries:
    count: int = 0
    locked_until: datetime | None = None


class UnknownLogins:
    """Locks logins that do not exist just as those that do, so that a lock does not tell which exist."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._tries: OrderedDict[bytes, _Tries] = OrderedDict()

    def count(self, login: str, rules: SignInRules, now: datetime) -> None:
        """Count a try; raises Locked where an account would be locked."""
        key = hashlib.sha256(login.encode("utf-8", "replace")).digest()
        tries = self._tries.setdefault(key, _Tries())
        self._tries.move_to_end(key)
        while len(self._tries) > self._most:
            self._tries.popitem(last=False)
        if tries.locked_until is not None:
            if now < tries.locked_until:
                raise too_many_tries((tries.locked_until - now).total_seconds())
            tries.count, tries.locked_until = 0, None
        tries.count += 1
        if tries.count >= rules.tries:
            tries.locked_until = now + rules.lock


UNKNOWN_LOGINS = web.AppKey("unknown_logins", UnknownLogins)


def rules_of(accounts: AccountSettings) -> SignInRules:
    """The settings as the desk wants them."""
    return SignInRules(
        session=timedelta(hours=accounts.session_hours),
        tries=accounts.wrong_passwords,
        lock=timedelta(minutes=accounts.lock_minutes),
    )


async def sign_in(call: Call) -> web.Response:
    """Check login and password, set the cookie."""
    app, body = call.request.app, call.body_as(SignIn)
    app[keys.LIMITS].sign_ins.take(call.address)
    settings = app[keys.SETTINGS].sections
    rules, login = rules_of(settings.accounts), body.login.strip().lower()
    try:
        started = await sign_ins.sign_in(
            app[keys.POOL],
            login=login,
            password=body.password,
            rules=rules,
            hasher=app[keys.PASSWORDS],
            now=call.now,
        )
    except UnknownLogin:
        app[UNKNOWN_LOGINS].count(login, rules, call.now)
        raise
    answer = _session(started.agent, started.csrf_token)
    answer.set_cookie(
        COOKIE,
        started.token,
        max_age=int(rules.session.total_seconds()),
        path="/",
        httponly=True,
        samesite="Strict",
        secure=settings.service.public_url.startswith("https://"),
    )
    return answer


async def read(call: Call) -> web.Response:
    """Who is signed in."""
    return _session(call.me.agent, call.me.csrf_token)


async def sign_out(call: Call) -> web.Response:
    """End this sign-in."""
    await sign_ins.end(call.request.app[keys.POOL], call.me, now=call.now)
    answer = no_content()
    answer.del_cookie(COOKIE, path="/")
    return answer


async def change_password(call: Call) -> web.Response:
    """Change one's own password; other sign-ins end."""
    app, body = call.request.app, call.body_as(ChangePassword)
    app[keys.LIMITS].sign_ins.take(call.address)
    await people.change_own_password(
        app[keys.POOL],
        call.me.agent.id,
        old=body.old_password,
        new=body.new_password,
        keep_session=call.me.token_hash,
        hasher=app[keys.PASSWORDS],
        now=call.now,
    )
    return no_content()


def _session(agent: Agent, csrf_token: str) -> web.Response:
    return json_answer({"me": agent.as_me(), "csrf_token": csrf_token})
