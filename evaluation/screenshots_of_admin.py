"""Pictures of the admin page's sections: people, hours, settings, status, audit log; nobody, two hundred people, a conflict.

What the page shows is told to it here; the settings are the program's own, with a few that a shop has set.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from playwright.async_api import Page, Route

from evaluation.screenshots_browser import LANGUAGES, Json, Look, choose_language
from evaluation.screenshots_console_story import LONG_NAME, person
from service.settings import Sections

SETTLE_S = 0.35
OWN: dict[str, tuple[object, str]] = {
    "service.port": (9090, "ANXIN_SERVICE__PORT"),
    "shop.time_zone": ("Asia/Hong_Kong", "config.yml"),
}
DAYS = ("mon", "tue", "wed", "thu", "fri")
ACTIONS = ("agent.changed", "hours.changed", "knowledge.published", "agent.created", "signed_in")


@dataclass(frozen=True, kw_only=True)
class AdminPicture:
    """A section, with how many people there are, or as somebody sees it who may only read."""

    name: str
    section: str
    people: int = 12
    well: bool = True
    role: str = "admin"
    form: bool = False
    page: str = "admin"
    languages: tuple[str, ...] = LANGUAGES

    @property
    def in_all_looks(self) -> bool:
        return self.name == "people"

    async def show(self, page: Page, url: str, look: Look, now: datetime) -> None:
        await tell(page, self, look.language, now)
        await choose_language(page, look.language)
        await page.goto(f"{url}/admin#{self.section}")
        await page.locator(".section-body > :not(.skeleton)").first.wait_for()
        if self.form:
            await page.locator(".person-acts button").first.click()
            await page.locator("dialog[open]").wait_for()
        await asyncio.sleep(SETTLE_S)


SUBJECTS = (
    AdminPicture(name="people", section="people"),
    AdminPicture(name="people-two-hundred", section="people", people=200),
    AdminPicture(name="person", section="people", form=True),
    AdminPicture(name="hours", section="hours"),
    AdminPicture(name="hours-read-only", section="hours", role="supervisor"),
    AdminPicture(name="settings", section="settings"),
    AdminPicture(name="status", section="status"),
    AdminPicture(name="status-ill", section="status", well=False),
    AdminPicture(name="audit", section="audit"),
    AdminPicture(name="audit-empty", section="audit", people=1),
)


def _agents(count: int, language: str, now: datetime) -> list[Json]:
    more = {"is_active": True, "created_at": (now - timedelta(days=90)).isoformat(), "locked_until": None}
    people = []
    for n in range(count):
        role = "agent" if n else "admin"
        one: Json = {
            **person(n, language, role=role),
            "login": f"agent-{n:03}" if n > 2 else ("admin", "mei", "wong")[n],
            **more,
        }
        one["id"] = str(UUID(int=0xB0000000 + n))
        people.append(one)
    if count > 4:
        people[3] |= {
            "name": LONG_NAME,
            "languages": ["zh-Hans", "zh-Hant-HK", "en"],
            "skills": ["return", "refund", "invoice", "damaged", "complaint"],
        }
        people[4] |= {"locked_until": (now + timedelta(minutes=10)).isoformat()}
        people[5] |= {"is_active": False}
    return people  # fmt: skip


def _settings() -> list[Json]:
    rows: list[Json] = []
    for section, model in Sections():
        for key, value in model.model_dump(mode="json").items():
            name = f"{section}.{key}"
            own, source = OWN.get(name, (value, "default"))
            help_ = type(model).model_fields[key].description or ""
            rows.append({"name": name, "value": own, "default": value, "source": source, "help": help_})
    return rows


def _status(now: datetime, *, well: bool) -> Json:
    since = (now - timedelta(hours=23)).isoformat()
    services = [
        {
            "name": "service",
            "state": "ok",
            "pid": pid,
            "host": "desk-1",
            "since": since,
            "memory_bytes": 152_000_000,
        }
        for pid in (4211, 4212)
    ]
    rest = [
        {"name": "database", "state": "ok", "size_bytes": 48_000_000},
        {"name": "rasa", "state": "ok" if well else "down"},
    ]
    models = {"rasa": "66fefd06fdb2e53d", "triage": "cc5d8337f8a44a02", "knowledge_base": "r37-4c1f29a0"}
    dropped = {} if well else {"owner_changed": 3, "superseded": 1}
    return {
        "processes": [*services, *rest],
        "queue": {"waiting": 0 if well else 23, "offered": 1, "overdue": 0 if well else 7, "longest_wait_s": None if well else 754.0},
        "turns": {
            "committed": 420, "dropped": sum(dropped.values()), "claimed": 1, "due": 0, 
            "dropped_by_reason": dropped, "window_s": 3600},
        "models": [{"name": name, "version": version} for name, version in models.items()],
    }  # fmt: skip


def _audit(count: int, now: datetime) -> Json:
    chance = random.Random(1)
    rows = [
        {
            "id": 500 - n, "at": (now - timedelta(minutes=37 * n * n)).isoformat(), "actor_kind": "agent",
            "actor_id": str(UUID(int=0xB0000000 + chance.randrange(3))), "actor_login": None, "action": ACTIONS[n % len(ACTIONS)],
            "subject": ("hours", "return_window", str(UUID(int=0xB0000000 + n % 4)))[n % 3],
            "details": {"fields": ["capacity", "languages"]} if n % 5 == 0 else {"revision": n} if n % 5 == 2 else {},
        }
        for n in range(count)
    ]  # fmt: skip
    return {"entries": rows, "more": count > 1}


async def tell(page: Page, shown: AdminPicture, language: str, now: datetime) -> None:
    """Answers the page's calls in the desk's place."""
    me = {**person(0, language, role=shown.role)}
    spans = [["08:00", "12:00"], ["13:00", "24:00"]]
    answers: dict[str, Json] = {
        "agents": {"agents": _agents(shown.people, language, now)},
        "hours": {"version": 3, "days": dict.fromkeys(DAYS, spans) | {"sat": [["10:00", "18:00"]], "sun": []},
                  "closed_dates": ["2027-02-06", "2027-02-07", "2027-02-08"]},
        "settings": {"settings": _settings()},
        "status": _status(now, well=shown.well),
        "audit": _audit(0 if shown.people == 1 else 100, now),
    }  # fmt: skip

    async def session(route: Route) -> None:
        await route.fulfill(json={"me": me, "csrf_token": "shown"})

    async def admin(route: Route) -> None:
        what = route.request.url.split("/api/admin/", 1)[1].split("?", 1)[0]
        await route.fulfill(json=answers[what])

    await page.route("**/api/session", session)
    await page.route("**/api/admin/**", admin)
