"""The fake base's checks: gaps, what the bot would say, pinned questions, languages, alike and unused entries, calibration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from knowledge_base.policy import LANGUAGES
from tests.browser.console_story import Json, stamp
from tests.browser.fake_console import Refused
from tests.browser.fake_gate import SUPERVISORS, FakeGate
from tests.browser.fake_items import Item


class FakeChecks(FakeGate):
    """Answers what tests put in."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__(most)
        self.gaps: list[Json] = []
        self.dismissed: list[str] = []
        self.pinned: list[Json] = []
        self.pairs: list[Json] = []
        self.unused: list[Json] = []
        self.said: list[Json] = []
        self.older: set[tuple[str, str]] = set()
        self.calibration: Json = {
            "fitted_at": stamp(datetime.now(UTC)),
            "error": 0.031,
            "interval": [0.019, 0.044],
            "questions": 812,
            "direct_answers": "on",
            "why": "calibrated",
        }

    def _application(self) -> web.Application:
        app = super()._application()
        base = "/api/knowledge"
        app.add_routes(
            [
                web.get(f"{base}/gaps", self._gaps),
                web.post(base + "/gaps/{gap}/dismiss", self._dismiss),
                web.post(base + "/gaps/{gap}/draft", self._draft_from),
                web.get(f"{base}/pinned", self._read_pinned),
                web.post(f"{base}/pinned", self._pin),
                web.put(base + "/pinned/{pin}", self._pin_again),
                web.delete(base + "/pinned/{pin}", self._unpin),
                web.post(f"{base}/would-say", self._would_say),
                web.get(f"{base}/similar", self._similar),
                web.get(f"{base}/unused", self._unused),
                web.get(f"{base}/languages", self._languages),
                web.get(f"{base}/calibration", self._read_calibration),
                web.put(f"{base}/calibration", self._set_calibration),
            ]
        )
        return app

    # --- gaps ----------------------------------------------------------------------------------------------

    async def _gaps(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        self._maybe_refuse("gaps")
        language = request.query.get("language")
        shown = [one for one in self.gaps if not language or one["questions"][0]["language"] == language]
        return web.json_response({"gaps": shown, "from": "", "to": ""})

    def _gap(self, request: web.Request) -> Json:
        found = [one for one in self.gaps if one["id"] == request.match_info["gap"]]
        if not found:
            raise Refused(404, "not_found")
        return found[0]

    async def _dismiss(self, request: web.Request) -> web.StreamResponse:
        self._writer(request)
        gap = self._gap(request)
        self.gaps.remove(gap)
        self.dismissed.append(gap["id"])
        return web.Response(status=204)

    async def _draft_from(self, request: web.Request) -> web.StreamResponse:
        self._writer(request)
        gap = self._gap(request)
        texts = [one["text"] for one in gap["questions"]]
        answer = gap["agents_answers"][0] if gap["agents_answers"] else ""
        content = {
            "group": "service",
            "title": {"zh-Hans": gap["name"]},
            "answer": {"zh-Hans": answer},
            "phrasings": {"zh-Hans": texts},
        }
        return web.json_response({"content": content})

    # --- pinned questions ----------------------------------------------------------------------------------

    async def _read_pinned(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        self._maybe_refuse("pinned")
        return web.json_response({"pinned": self.pinned})

    async def _pin(self, request: web.Request) -> web.StreamResponse:
        by, body = self._writer(request), await request.json()
        self._maybe_refuse("pin")
        one = body | {"id": str(len(self.pinned) + 100), "by": by, "at": stamp(datetime.now(UTC))}
        self.pinned.append(one)
        return web.json_response({"pinned": one}, status=201)

    async def _pin_again(self, request: web.Request) -> web.StreamResponse:
        self._writer(request)
        one = self._one_pinned(request)
        one |= await request.json()
        return web.json_response({"pinned": one})

    async def _unpin(self, request: web.Request) -> web.StreamResponse:
        self._writer(request)
        self.pinned.remove(self._one_pinned(request))
        return web.Response(status=204)

    def _one_pinned(self, request: web.Request) -> Json:
        return next(one for one in self.pinned if one["id"] == request.match_info["pin"])

    # --- what the bot would say ------------------------------------------------------------------------------

    async def _would_say(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        self._maybe_refuse("would_say")
        body = await request.json()
        self.said.append(body)
        drafts = body.get("drafts", True) and any(item.draft is not None for item in self.entries.values())
        draft = self._said_of(body, lambda item: item.newest) if drafts else None
        published = self._said_of(body, lambda item: item.published)
        return web.json_response({"published": published, "draft": draft})

    def _said_of(self, body: Json, content_of: Any) -> Json:
        language = body.get("language", "zh-Hans")
        found = sorted(self._scored(body["text"], content_of), key=lambda one: -one["probability"])[:3]
        best = found[0]["probability"] if found else 0.0
        outcome = "answer" if best > 0.7 else "ask" if best > 0.35 else "decline"
        answered = [found[0]["entry"]] if outcome == "answer" else []
        texts = [self._text_of(content_of(self.entries[id_]), body, language) for id_ in answered]
        return {
            "outcome": outcome,
            "probability": best,
            "is_question": True,
            "answers": texts,
            "answered": answered,
            "candidates": [one for one in found if one["probability"] > 0.1],
            "reason": {"answer": "sure", "ask": "unsure", "decline": "too_unsure"}[outcome],
        }

    def _text_of(self, content: Json, body: Json, language: Any) -> str:
        facts = body.get("customer") or {}
        fitting = [v for v in content.get("variants", []) if v["when"].items() <= facts.items()]
        answer = (fitting or [content])[0]["answer"]
        return self.rendered(answer.get(language, ""), language)

    def _scored(self, text: str, content_of: Any) -> list[Json]:
        scored = []
        for item in self.entries.values():
            content = content_of(item)
            if not content:
                continue
            phrasings = [p for each in content.get("phrasings", {}).values() for p in each]
            shares = [(len(set(text) & set(p)) / max(1, len(set(text) | set(p))), p) for p in phrasings]
            share, phrasing = max(shares, default=(0.0, ""))
            title = content["title"].get("zh-Hans", item.id)
            scored.append(
                {
                    "entry": item.id,
                    "title": title,
                    "probability": share,
                    "phrasing": phrasing,
                    "score": share,
                }
            )
        return scored

    # --- the rest --------------------------------------------------------------------------------------------

    async def _similar(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        self._maybe_refuse("similar")
        return web.json_response({"pairs": self.pairs})

    async def _unused(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        return web.json_response({"entries": self.unused})

    async def _languages(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        self._maybe_refuse("languages")
        rows = [
            {"id": item.id, "title": item.newest["title"], "languages": self._languages_of(item)}
            for item in self.entries.values()
            if item.is_listed
        ]
        return web.json_response({"entries": rows})

    async def _read_calibration(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        self._maybe_refuse("calibration")
        return web.json_response(self.calibration)

    async def _set_calibration(self, request: web.Request) -> web.StreamResponse:
        if self._me(request)["role"] not in SUPERVISORS:
            raise Refused(403, "forbidden")
        wanted = (await request.json())["direct_answers"]
        is_auto = wanted == "auto"
        why = "calibrated" if is_auto else f"switched_{wanted}"
        self.calibration |= {"direct_answers": "on" if is_auto else wanted, "why": why}
        return web.json_response(self.calibration)

    def _languages_of(self, item: Item) -> Json:
        answers = item.newest.get("answer", {})
        return {
            language: {
                "state": ("older" if (item.id, language) in self.older else "ok")
                if answers.get(language)
                else "missing",
                "changed_at": item.published_at if answers.get(language) else None,
            }
            for language in LANGUAGES
        }

    # --- what tests do to it -----------------------------------------------------------------------------------

    def fill_checks(self) -> None:
        """Something in every section."""
        asked = ("礼品卡能不能退", "礼品卡买错了可以退吗", "送朋友的礼品卡怎么退")
        self.add_gap("g-1", asked, answers=("礼品卡未使用的，7 天内可以退回原支付方式。",), cost=42.0)
        self.add_gap("g-2", ("门店能自提吗", "可以到店取货吗"), why="handed_over", cost=12.0)
        self.add_gap("g-3", ("can I pay in instalments",), language="en", why="unhelpful", cost=3.0)
        self.add_pin("七天无理由退货怎么算", "return_window")
        self.add_pin("你们老板电话多少", None)
        self.pairs = [
            {
                "a": "return_how",
                "b": "return_window",
                "similarity": 0.94,
                "phrasings": ["怎么退货", "怎么退"],
            }
        ]
        day = stamp(datetime.now(UTC) - timedelta(days=120))
        self.unused = [
            {"id": id_, "title": self.entries[id_].newest["title"], "last_used": last}
            for id_, last in (("exchange_time", day), ("invoice_get", None))
            if id_ in self.entries
        ]
        self.use("return_window")

    def add_gap(
        self,
        id_: str,
        texts: tuple[str, ...],
        *,
        answers: tuple[str, ...] = (),
        why: str = "declined",
        language: str = "zh-Hans",
        cost: float = 5.0,
    ) -> None:
        """A group of questions, named by the first."""
        at = stamp(datetime.now(UTC) - timedelta(minutes=20))
        questions = [
            {"text": text, "language": language, "at": at, "conversation": "c-1", "seq": n, "why": why}
            for n, text in enumerate(texts)
        ]
        self.gaps.append(
            {"id": id_, "name": texts[0], "questions": questions, "count": len(texts) * 3, "cost": cost}
            | {"agents_answers": list(answers), "nearest": "return_how"}
        )

    def add_pin(self, question: str, expected: str | None) -> None:
        """A question pinned by a colleague."""
        self.pinned.append(
            {"id": str(len(self.pinned) + 1), "question": question, "language": "zh-Hans", "context": None}
            | {"expected": expected, "note": "", "by": {"id": "o-1", "name": "周敏"}}
            | {"at": stamp(datetime.now(UTC) - timedelta(days=2))}
        )
