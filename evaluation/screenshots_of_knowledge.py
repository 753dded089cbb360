"""Pictures of the knowledge editor in every width, theme and language: nothing, the demo shop's entries, two hundred, the longest.

The page comes from a running desk; what it shows is told to it here, from knowledge_base/content, so that every
picture can be made again whatever the desk holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from playwright.async_api import Page, Route

from evaluation import screenshots_told_checks as told
from evaluation.screenshots_browser import LANGUAGES, Json, Look, choose_language
from knowledge_base.checking import text_problems
from knowledge_base.entries import Content, load_content
from knowledge_base.items import entry_as_json
from knowledge_base.policy import PLACEHOLDER, Language, Policy

CONTENT = Path(__file__).resolve().parent.parent / "knowledge_base" / "content"
ME: Json = {"id": "e-1", "login": "editor", "name": "陈静", "role": "editor", "must_change_password": False}
ENTRY = "return_window"
LONG = {
    "zh-Hans": "商品签收以后如果没有拆封并且不影响二次销售，那么在多少天之内可以不说理由就退货，最后一天又是怎么算出来的",
    "zh-Hant-HK": "貨品簽收之後如果未有開封而且不影響再次銷售，究竟在多少日之內可以不說理由便退貨，最後一日又是如何計算",
    "en": "How many days are left to send something back without saying why, and which day counts as the last",
}
SETTLE_S = 0.9
"""Long enough for the preview, which waits 300 ms."""


@dataclass(frozen=True, kw_only=True)
class KnowledgeScene:
    """What a picture shows: the address, how many entries there are, whether one of them is being changed."""

    name: str
    place: str
    most: int | None = None
    changed: bool = False
    longest: bool = False
    question: str = ""
    publishing: bool = False
    """A draft without problems that somebody is asked to review and that the gate stops."""
    file: bool = False


SCENES = (
    KnowledgeScene(name="empty", place="entries", most=0),
    KnowledgeScene(name="list", place="entries", changed=True, question="how many days"),
    KnowledgeScene(name="two-hundred", place="entries", most=200),
    KnowledgeScene(name="entry", place=f"entry/{ENTRY}"),
    KnowledgeScene(name="problems", place=f"entry/{ENTRY}", changed=True),
    KnowledgeScene(name="longest", place=f"entry/{ENTRY}", changed=True, longest=True),
    KnowledgeScene(name="history", place=f"entry/{ENTRY}/history"),
    KnowledgeScene(name="policy", place="policy", changed=True),
    KnowledgeScene(name="review", place=f"entry/{ENTRY}", publishing=True),
    KnowledgeScene(name="gate", place=f"entry/{ENTRY}", publishing=True, changed=True),
    KnowledgeScene(name="gaps", place="checks/gaps"),
    KnowledgeScene(name="say", place="checks/say", question="how many days"),
    KnowledgeScene(name="pinned", place="checks/pinned"),
    KnowledgeScene(name="languages", place="checks/languages"),
    KnowledgeScene(name="similar", place="checks/similar"),
    KnowledgeScene(name="transfer", place="checks/transfer"),
    KnowledgeScene(name="import", place="checks/transfer", file=True),
    KnowledgeScene(name="certainty", place="checks/calibration"),
)


@cache
def demo_content() -> Content:
    """The demo shop's entries and figures, read once for all pictures."""
    return load_content(CONTENT)


@dataclass
class ToldBase:
    """The answers of /api/knowledge for one scene."""

    scene: KnowledgeScene
    now: datetime
    entries: dict[str, Json] = field(default_factory=dict)
    policy: Policy = field(init=False)

    def __post_init__(self) -> None:
        content = demo_content()
        self.policy = content.policy
        known = list(content.entries.values())
        for n in range(len(known) if self.scene.most is None else self.scene.most):
            entry = known[n % len(known)]
            self.entries[entry.id if n < len(known) else f"{entry.id}_{n}"] = entry_as_json(entry)

    @property
    def draft(self) -> Json | None:
        """What the editor is changing."""
        if not self.scene.changed and not self.scene.publishing:
            return None
        draft = dict(self.entries[ENTRY])
        answers: Mapping[str, str] = draft["answer"]  # type: ignore[assignment]
        if self.scene.publishing:
            draft["answer"] = {**answers, "zh-Hans": "您在 {return_window_days}内都能退，生鲜除外。"}
            return draft
        if self.scene.longest:
            draft["title"] = LONG
            draft["answer"] = {language: text * 6 for language, text in answers.items()}
            draft["phrasings"] = {language: [*_words(text), text] for language, text in LONG.items()}
        else:
            draft["answer"] = {
                **answers,
                "zh-Hans": "<b>您</b>有 99 天可以退，见 {return_windw_days}。",
                "en": "",
            }
        return draft

    def answer(self, url: str) -> Json:
        """By the end of the path."""
        path, query = urlparse(url).path, parse_qs(urlparse(url).query)
        ends = path.removeprefix("/api/knowledge/").split("/")
        if (check := self._check(ends)) is not None:
            return check
        if ends[-1] == "entries":
            return self._list(int(query.get("limit", ["200"])[0]))
        if ends[-1] == "titles":
            return {"titles": self._titles(query)}
        if ends[-1] == "revisions":
            return {"revisions": self._revisions()}
        if ends[0] == "entries":
            return self._entry(ends[1])
        return {"figures": self._figures(), "base_version": 3}

    def _check(self, ends: Sequence[str]) -> Json | None:
        """What the checks, the gate and the figures of use are told."""
        now, entries = self.now, self.entries
        if ends[-1] == "uses":
            return told.uses(now)
        if ends[0] == "gate":
            return told.stopped_gate() if len(ends) > 1 else {"run": "r-1"}
        if ends[0] == "import":
            return told.import_preview() if ends[-1] == "preview" else told.tried_import()
        known: Mapping[str, Callable[[], Json]] = {
            "gaps": lambda: told.gaps(now), "pinned": lambda: told.pinned(now), "similar": told.similar,
            "unused": lambda: told.unused(entries, now), "languages": lambda: told.languages(entries, now),
            "calibration": lambda: told.calibration(now),
        }  # fmt: skip
        return known[ends[0]]() if ends[0] in known else None

    def _list(self, limit: int) -> Json:
        rows = [self._row(id_, content) for id_, content in list(self.entries.items())[:limit]]
        groups = list(dict.fromkeys(str(content["group"]) for content in self.entries.values()))
        return {"entries": rows, "groups": groups, "base_version": 3, "more": False}

    def _titles(self, query: Mapping[str, Sequence[str]]) -> Json:
        wanted = query["ids"][0].split(",") if "ids" in query else list(self.entries)[:8]
        return {id_: self.entries[id_]["title"] for id_ in wanted if id_ in self.entries}

    def _row(self, id_: str, content: Json) -> Json:
        is_changed = self.scene.changed and id_ == ENTRY
        phrasings: Mapping[str, Sequence[str]] = content["phrasings"]  # type: ignore[assignment]
        return {
            "id": id_, "group": content["group"], "title": content["title"], "state": "changed" if is_changed else "published",
            "languages": ["zh-Hans", "zh-Hant-HK"] + (["en"] if not is_changed else []), "phrasings": sum(map(len, phrasings.values())),
            "revision": 1, "version": 2, "published_at": self._at(9), "draft_at": self._at(0) if is_changed else None,
            "draft_by": {"id": "e-1", "name": "陈静"} if is_changed else None,
        }  # fmt: skip

    def _entry(self, id_: str) -> Json:
        draft = self.draft
        problems = text_problems(draft, self.policy) if draft else []
        entry = {
            "id": id_, "version": 3, "revision": 2, "state": "changed" if draft else "published", "published": self.entries[id_],
            "draft": draft, "published_at": self._at(9), "published_by": None,
            "draft_at": self._at(0) if draft else None, "draft_by": {"id": "e-1", "name": "陈静"} if draft else None,
            "review": told.review(self.now) if self.scene.publishing else None,
            "schedule": told.schedule(self.now) if self.scene.publishing else None, "archived": None,
        }  # fmt: skip
        names = ("field", "code", "values", "message", "fix")
        return {
            "entry": entry,
            "problems": [{name: getattr(one, name) for name in names} for one in problems],
        }

    def _revisions(self) -> list[Json]:
        now = self.entries[ENTRY]
        answers: Mapping[str, str] = now["answer"]  # type: ignore[assignment]
        before = {
            **now,
            "answer": {**answers, "zh-Hans": answers["zh-Hans"].replace("在订单页点", "请到订单页按")},
        }
        return [
            {"revision": 2, "at": self._at(1), "by": {"id": "e-1", "name": "陈静"}, "note": "按钮的叫法统一", "content": now},
            {"revision": 1, "at": self._at(9), "by": None, "note": "import", "content": before},
        ]  # fmt: skip

    def _figures(self) -> list[Json]:
        changed = {"return_window_days": 10, "delivery_days": [2, 4]} if self.scene.changed else {}
        review = {"return_window_days": told.review(self.now)} if self.scene.changed else {}
        planned = {"delivery_days": told.schedule(self.now)} if self.scene.changed else {}
        texts = {id_: str(content["answer"]) for id_, content in self.entries.items()}
        return [
            {"name": figure.name, "unit": figure.unit, "description": figure.description, "value": figure.value, "revision": 1,
             "version": 1, "draft": changed.get(figure.name), "draft_by": {"id": "e-1", "name": "陈静"}, "draft_at": self._at(0),
             "published_at": self._at(9), "published_by": None, "review": review.get(figure.name),
             "schedule": planned.get(figure.name),
             "used_by": [id_ for id_, text in texts.items() if f"{{{figure.name}}}" in text]}
            for figure in self.policy.figures.values()
        ]  # fmt: skip

    def preview(self, question: Json) -> Json:
        """The plain answer with its figures."""
        language: Language = question["language"]  # type: ignore[assignment]
        text = question["content"]["answer"].get(language, "")  # type: ignore[index]

        def written(name: str) -> str:
            figure = self.policy.figures.get(name)
            return figure.written(language) if figure else f"{{{name}}}"

        return {"text": PLACEHOLDER.sub(lambda match: written(match[1]), text), "problems": []}

    def would_say(self) -> Json:
        """A sure answer and two that are further away; the draft says it in other words."""
        draft = self.draft or {
            **self.entries[ENTRY],
            "answer": dict.fromkeys(LANGUAGES, "您在 {return_window_days}内都能退。"),
        }
        return {"published": self._said(self.entries[ENTRY]), "draft": self._said(draft), "left_out": []}

    def _said(self, content: Json) -> Json:
        ids = [ENTRY, "return_how", "return_excluded"]
        titles: list[Mapping[str, str]] = [self.entries[id_]["title"] for id_ in ids]  # type: ignore[misc]
        found = [
            {
                "entry": id_,
                "title": title["zh-Hans"],
                "probability": p,
                "phrasing": title["zh-Hant-HK"],
                "score": p,
            }
            for id_, title, p in zip(ids, titles, (0.93, 0.21, 0.08), strict=True)
        ]
        text = self.preview({"content": content, "language": "zh-Hans"})["text"]
        said = {"entry": ENTRY, "text": text, "language": "zh-Hans"}
        return {"outcome": "answer", "probability": 0.93, "language": "zh-Hans", "is_question": True, "reason": "sure", "answered": [ENTRY],
                "candidates": found, "answers": [said]}  # fmt: skip

    def _at(self, days: int) -> str:
        return (self.now - timedelta(days=days, minutes=4)).isoformat()


def _words(text: str) -> list[str]:
    """Some shorter phrasings out of a long one."""
    return [text[n : n + 14] for n in range(0, len(text) - 14, 6)]


async def tell(page: Page, base: ToldBase) -> None:
    """Answers the page's calls in the desk's place."""

    async def session(route: Route) -> None:
        await route.fulfill(json={"me": ME, "csrf_token": "shown"})

    async def knowledge(route: Route) -> None:
        url = route.request.url
        if url.endswith("/knowledge/preview"):
            await route.fulfill(json=base.preview(route.request.post_data_json or {}))
        elif url.endswith("/would-say"):
            await route.fulfill(json=base.would_say())
        else:
            await route.fulfill(json=base.answer(url))

    await page.route("**/api/session", session)
    await page.route("**/api/knowledge/**", knowledge)


@dataclass(frozen=True, kw_only=True)
class KnowledgePicture:
    """A scene of the editor."""

    scene: KnowledgeScene
    page: str = "knowledge"
    languages: tuple[str, ...] = LANGUAGES

    @property
    def name(self) -> str:
        return self.scene.name

    @property
    def in_all_looks(self) -> bool:
        return self.scene.name == "entry"

    async def show(self, page: Page, url: str, look: Look, now: datetime) -> None:
        await tell(page, ToldBase(scene=self.scene, now=now))
        await choose_language(page, look.language)
        await page.goto(f"{url}/knowledge#{self.scene.place}")
        await page.locator("anxin-knowledge h1").wait_for()
        await self._do(page, look)
        await asyncio.sleep(SETTLE_S)

    async def _do(self, page: Page, look: Look) -> None:
        """What somebody does before the picture is taken."""
        scene = self.scene
        is_check = scene.place.startswith("checks")
        if scene.question and (
            is_check or look.width > 1100
        ):  # beside the list the box stands open on wide screens
            await page.locator("#say-text" if is_check else "#try-question").fill(scene.question)
            await page.keyboard.press("Enter")
        if scene.publishing and scene.changed:
            await page.locator(".entry-acts .button-loud").click()
            await page.locator(".losses").wait_for()
        if scene.file:
            await page.set_input_files(
                "#import-file", {"name": "faq.csv", "mimeType": "text/csv", "buffer": b"shown"}
            )
            await page.locator("anxin-import-preview").wait_for()
            await page.locator("anxin-import-preview .row-acts .button").last.click()
            await page.locator("anxin-import-preview .uses-sums").wait_for()
        if scene.name == "gaps":
            await page.locator(".gap-details summary").first.click()


SUBJECTS = tuple(KnowledgePicture(scene=scene) for scene in SCENES)
