"""The fake base's publishing: the gate with planted losses, reviews, set times, the archive, and figures of use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.browser.console_story import Json, stamp
from tests.browser.fake_console import Refused
from tests.browser.fake_entries import FakeEntries
from tests.browser.fake_items import Item

SUPERVISORS = ("supervisor", "admin")
STEPS = 3
"""Times the page asks before a run is done."""


class FakeGate(FakeEntries):
    """Publishes what its gate passed. Tests plant `losses` and `thieves`."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__(most)
        self.losses: list[Json] = []
        self.thieves: list[str] = []
        self.gains = 0
        self.gate_stays = False
        self.questions = 812
        self.runs: dict[str, Json] = {}
        self.uses: dict[str, list[Json]] = {}

    def _application(self) -> web.Application:
        app = super()._application()
        one, figure = "/api/knowledge/entries/{id}", "/api/knowledge/policy/{id}"
        app.add_routes(
            [
                web.post("/api/knowledge/gate", self._start_gate),
                web.get("/api/knowledge/gate/{run}", self._gate),
                web.post(f"{one}/archive", self._archive),
                web.post(f"{one}/unarchive", self._unarchive),
                web.get(f"{one}/uses", self._uses),
            ]
        )
        for path in (one, figure):
            app.add_routes(
                [
                    web.post(f"{path}/review", self._ask_review),
                    web.post(f"{path}/review/verdict", self._verdict),
                    web.post(f"{path}/schedule", self._schedule),
                    web.delete(f"{path}/schedule", self._drop_schedule),
                ]
            )
        return app

    # --- the gate ------------------------------------------------------------------------------------------

    async def _start_gate(self, request: web.Request) -> web.StreamResponse:
        self._writer(request)
        self._maybe_refuse("gate")
        asked = await request.json()
        run = f"run-{len(self.runs) + 1}"
        self.runs[run] = asked | {"asked": 0}
        return web.json_response({"run": run}, status=202)

    async def _gate(self, request: web.Request) -> web.StreamResponse:
        self._writer(request)
        run = self.runs[request.match_info["run"]]
        if not self.gate_stays:
            run["asked"] += 1
        total = self.questions if run["kind"] == "entry" else 0  # a value takes no questions
        done = min(total, total * run["asked"] // STEPS)
        if done < total or self.gate_stays:
            return web.json_response(
                {"state": "running", "done": done, "total": total, "losses": [], "thieves": [], "gains": 0}
            )
        losses = self.losses if total else []
        run["verdict"] = "stopped" if losses else "passed"
        return web.json_response(
            {
                "state": "done",
                "done": total,
                "total": total,
                "verdict": run["verdict"],
                "holds_up": bool(losses),
                "losses": losses,
                "lost": len(losses),
                "thieves": self.thieves,
                "gains": self.gains,
                "took_ms": 1200,
            }
        )

    def passage(self, request: web.Request, item: Item, body: Json) -> Json:
        """What the revision says of the gate; refuses what did not pass and is not overridden."""
        run = self.runs.get(body.get("gate") or "", {})
        is_of_this = run.get("id") == item.id and run.get("version") == item.version
        if is_of_this and run.get("verdict") == "passed":
            return {"verdict": "passed", "losses": 0}
        reason, me = body.get("override_reason"), self._me(request)
        if not is_of_this or not reason or me["role"] not in SUPERVISORS:
            raise Refused(409, "gate_stopped", "The gate did not pass this version.")
        by = {"id": me["id"], "name": me["name"]}
        return {"verdict": "stopped", "losses": len(self.losses), "overridden_by": by, "reason": reason}

    async def _publish(self, request: web.Request) -> web.StreamResponse:
        item = self._item(request)[1]
        body = await request.json()
        is_current = body["version"] == item.version and not self.problems(item)
        gate = self.passage(request, item, body) if is_current else None
        answer = await super()._publish(request)
        item.revisions[0]["gate"] = gate
        return answer

    # --- reviews, set times, the archive -------------------------------------------------------------------

    async def _ask_review(self, request: web.Request) -> web.StreamResponse:
        by, key, item, body = await self._asked(request, "review")
        item.review = {"state": "asked", "asked_by": by, "asked_at": _now(), "note": body["note"]}
        return self._standing(key, item)

    async def _verdict(self, request: web.Request) -> web.StreamResponse:
        by, key, item, body = await self._asked(request, "verdict")
        if item.draft_by and item.draft_by["id"] == by["id"]:
            raise Refused(403, "forbidden", "Somebody else reviews it.")
        assert item.review
        item.review |= {"state": body["verdict"], "by": by, "at": _now(), "comment": body["comment"]}
        return self._standing(key, item)

    async def _schedule(self, request: web.Request) -> web.StreamResponse:
        by, key, item, body = await self._asked(request, "schedule")
        times = {name: body[name] for name in ("publish_at", "expires_at", "note")}
        item.schedule = times | {"by": by}
        return self._standing(key, item)

    async def _drop_schedule(self, request: web.Request) -> web.StreamResponse:
        _, key, item, _ = await self._asked(request, "schedule")
        item.schedule = None
        return self._standing(key, item)

    async def _archive(self, request: web.Request) -> web.StreamResponse:
        by, key, item, body = await self._asked(request, "archive")
        item.archived = {"at": _now(), "by": by, "note": body["note"]}
        item.draft, item.published = item.newest, None
        return self._standing(key, item)

    async def _unarchive(self, request: web.Request) -> web.StreamResponse:
        _, key, item, _ = await self._asked(request, "unarchive")
        item.archived = None
        return self._standing(key, item)

    def _standing(self, key: str, item: Item) -> web.StreamResponse:
        item.version += 1
        return self._answer_item(key, item)

    # --- figures of use ------------------------------------------------------------------------------------

    async def _uses(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        self._maybe_refuse("uses")
        days = self.uses.get(request.match_info["id"], [])
        totals = {name: sum(day[name] for day in days) for name in USES}
        return web.json_response({"days": days, "totals": totals})

    def use(self, id_: str, days: int = 30) -> None:
        """Some customers a day came upon this entry."""
        first = datetime.now(UTC).date() - timedelta(days=days - 1)
        self.uses[id_] = [
            {"day": str(first + timedelta(days=n)), "shown": 9 + n % 5, "answered": 4 + (n * 7) % 9}
            | {"asked_back": n % 4, "helpful": n % 3, "unhelpful": int(n % 9 == 0), "handed_over": n % 2}
            for n in range(days)
        ]


USES = ("shown", "answered", "asked_back", "helpful", "unhelpful", "handed_over")


def loss(question: str, from_: str | None, to: str | None, **more: Any) -> Json:
    """A question that the draft would lose, to another entry or to nothing."""
    before = {"outcome": "answer" if from_ else "decline", "probability": 0.93 if from_ else 0.1}
    after = {"outcome": "answer" if to else "decline", "probability": 0.88 if to else 0.2}
    known: Json = {"question": question, "language": "zh-Hans", "from": from_, "to": to, "kind": "phrasing"}
    return known | {"before": before, "after": after} | more


def _now() -> str:
    return stamp(datetime.now(UTC))
