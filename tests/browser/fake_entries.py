"""Entries and figures of a knowledge base in memory: lists, drafts, publishing, history, preview, search.

It speaks docs/api/rest.md over real HTTP on the real demo content; it checks by the real rules, and searches by shared characters.
"""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from knowledge_base.checking import Surroundings, entry_problems
from knowledge_base.entries import load_content
from knowledge_base.items import entry_as_json, figure_from_json
from knowledge_base.policy import Figure, Language, Policy
from knowledge_base.policy_checking import figure_item_problems
from knowledge_base.text_normalisation import matching_form
from tests.browser.console_story import Json
from tests.browser.fake_console import WEB, FakeConsole, Refused
from tests.browser.fake_items import Item, is_listed_for, row_of

CONTENT = Path(__file__).resolve().parents[2] / "knowledge_base" / "content"
BEGAN = datetime(2026, 11, 1, 2, tzinfo=UTC)
WRITERS = ("editor", "supervisor", "admin")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class FakeEntries(FakeConsole):
    """The base's state, its server, and what tests do to it."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__()
        editor = {"id": "editor-1", "login": "jing", "name": "陈静", "role": "editor"}
        self.agents.append(self.agents[0] | editor)
        content = self._content = load_content(CONTENT)
        self.base_version = 1
        self.figures = {name: self._figure(figure) for name, figure in content.policy.figures.items()}
        self.rows: dict[str, Figure] = dict(content.policy.figures)
        self.entries: dict[str, Item] = {}
        self.fill(most)
        self.writes: list[tuple[str, str, Json]] = []
        self.titles_asked: list[dict[str, str]] = []

    def _figure(self, figure: Figure) -> Item:
        value = list(figure.value) if isinstance(figure.value, tuple) else figure.value
        item = Item(id=figure.name, draft=value)
        item.publish("", None, BEGAN, key="value")
        return item

    def fill(self, most: int | None = None) -> None:
        """The demo shop's entries; with `most`, that many, the same again under other ids."""
        entries = list(self._content.entries.values())
        for n in range(len(self.entries), len(entries) if most is None else most):
            entry = entries[n % len(entries)]
            id_ = entry.id if n < len(entries) else f"{entry.id.split('.')[0]}_{n}"
            item = Item(id=id_, draft=entry_as_json(entry))
            item.publish("", None, BEGAN, key="content")
            self.entries[id_] = item

    def _application(self) -> web.Application:
        app = super()._application()
        one, figure = "/api/knowledge/entries/{id}", "/api/knowledge/policy/{id}"
        app.add_routes(
            [
                web.get("/knowledge", self._page("knowledge")),
                web.get("/api/knowledge/entries", self._list),
                web.get("/api/knowledge/titles", self._titles),
                web.post("/api/knowledge/entries", self._create),
                web.get(one, self._read),
                web.get("/api/knowledge/policy", self._policy),
                web.post("/api/knowledge/preview", self._preview),
                web.post("/api/knowledge/search", self._search),
            ]
        )
        for path in (one, figure):
            app.add_routes(
                [
                    web.put(f"{path}/draft", self._save),
                    web.delete(f"{path}/draft", self._discard),
                    web.post(f"{path}/publish", self._publish),
                    web.get(f"{path}/revisions", self._revisions),
                    web.post(f"{path}/restore", self._restore),
                ]
            )
        return app

    # --- reading -------------------------------------------------------------------------------------------

    async def _list(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        self._maybe_refuse("list")
        asked = request.query
        listed = [item for item in self.entries.values() if item.is_listed]
        found = [item for item in listed if is_listed_for(item, dict(asked))]
        after = asked.get("after", "")
        if after:
            ids = [item.id for item in found]
            found = found[ids.index(after) + 1 :]
        limit = int(asked.get("limit", 200))
        groups = list(dict.fromkeys(item.newest["group"] for item in listed))
        return web.json_response(
            {
                "entries": [row_of(item) for item in found[:limit]],
                "groups": groups,
                "base_version": self.base_version,
                "more": len(found) > limit,
            }
        )

    async def _titles(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        self._maybe_refuse("titles")
        asked = dict(request.query)
        self.titles_asked.append(asked)
        listed = [item for item in self.entries.values() if item.is_listed and item.archived is None]
        if "ids" in asked:
            found = [item for item in listed if item.id in asked["ids"].split(",")]
        else:
            text = asked["text"].lower()
            named = [i for i in listed if text in f"{i.id} {' '.join(i.newest['title'].values())}".lower()]
            found = named[: int(asked["limit"])]
        return web.json_response({"titles": {item.id: item.newest["title"] for item in found}})

    async def _read(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        self._maybe_refuse("read")
        return self._answer_entry(self._entry(request))

    def _entry(self, request: web.Request) -> Item:
        if request.match_info["id"] not in self.entries:
            raise Refused(404, "not_found")
        return self.entries[request.match_info["id"]]

    def _answer_entry(self, item: Item, status: int = 200) -> web.StreamResponse:
        problems = self.problems(item) if item.draft is not None else []
        return web.json_response({"entry": item.shown(), "problems": problems}, status=status)

    async def _policy(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        self._maybe_refuse("policy")
        texts = self._texts()
        figures = [self._figure_row(item, texts) for item in self.figures.values()]
        return web.json_response({"figures": figures, "base_version": self.base_version})

    def _texts(self) -> dict[str, str]:
        return {id_: str(entry.newest) for id_, entry in self.entries.items()}

    def _figure_row(self, item: Item, texts: dict[str, str] | None = None) -> Json:
        row = self.rows[item.id]
        texts = self._texts() if texts is None else texts
        shown = item.shown() | {"name": item.id, "value": item.published, "unit": row.unit}
        del shown["id"], shown["published"], shown["state"]
        used_by = [id_ for id_, text in texts.items() if f"{{{item.id}}}" in text]
        return shown | {"description": row.description, "used_by": used_by}

    async def _revisions(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        return web.json_response({"revisions": self._item(request)[1].revisions})

    # --- writing -------------------------------------------------------------------------------------------

    def _writer(self, request: web.Request) -> Json:
        me = self._me(request)
        if me["role"] not in WRITERS:
            raise Refused(403, "forbidden")
        return {"id": me["id"], "name": me["name"]}

    def _item(self, request: web.Request) -> tuple[str, Item]:
        if "/policy/" in request.path:
            return "value", self.figures[request.match_info["id"]]
        return "content", self._entry(request)

    def _answer_item(self, key: str, item: Item, *, with_problems: bool = True) -> web.StreamResponse:
        shown: Json = {"entry": item.shown()} if key == "content" else {"figure": self._figure_row(item)}
        problems = self.problems(item) if with_problems and item.draft is not None else []
        return web.json_response(shown | {"problems": problems, "base_version": self.base_version})

    async def _asked(self, request: web.Request, what: str) -> tuple[Json, str, Item, Json]:
        """Who asks, for which item, with which body; a conflict when the version is old."""
        by, (key, item) = self._writer(request), self._item(request)
        self._maybe_refuse(what)
        body = await request.json()
        self.writes.append((what, item.id, body))
        if body["version"] != item.version:
            refused = Refused(409, "conflict", "Somebody changed it meanwhile.")
            shown: Json = {"entry": item.shown()} if key == "content" else {"figure": self._figure_row(item)}
            refused.body["current"] = shown
            raise refused
        return by, key, item, body

    async def _create(self, request: web.Request) -> web.StreamResponse:
        by, body = self._writer(request), await request.json()
        if body["id"] in self.entries:
            raise Refused(409, "conflict")
        item = Item(id=body["id"], version=0)
        item.write(body["content"], by)
        self.entries[item.id] = item
        return self._answer_entry(item, status=201)

    async def _save(self, request: web.Request) -> web.StreamResponse:
        by, key, item, body = await self._asked(request, "save")
        item.write(body[key], by)
        return self._answer_item(key, item)

    async def _discard(self, request: web.Request) -> web.StreamResponse:
        _, key, item, _ = await self._asked(request, "discard")
        item.drop()
        return self._answer_item(key, item, with_problems=False)

    async def _publish(self, request: web.Request) -> web.StreamResponse:
        by, key, item, body = await self._asked(request, "publish")
        if problems := self.problems(item):
            refused = Refused(422, "invalid_content")
            refused.body["problems"] = problems
            raise refused
        item.publish(body["note"], by, datetime.now(UTC), key=key)
        self.base_version += 1
        return self._answer_item(key, item)

    async def _restore(self, request: web.Request) -> web.StreamResponse:
        by, key, item, body = await self._asked(request, "restore")
        old = next(one for one in item.revisions if one["revision"] == body["revision"])
        item.write(old[key], by)
        return self._answer_item(key, item)

    def _maybe_refuse(self, what: str) -> None:
        if refused := self.fail.pop(what, None):
            raise refused

    # --- what the base makes of it ---------------------------------------------------------------------------

    @property
    def policy(self) -> Policy:
        """The published one."""
        return Policy(revision=self.base_version, figures={n: self._row(n) for n in self.rows})

    def _row(self, name: str, value: Any = None) -> Figure:
        given = self.figures[name].published if value is None else value
        content = {
            "value": given,
            "unit": self.rows[name].unit,
            "description": self.rows[name].description,
        }
        return figure_from_json(name, content)

    def problems(self, item: Item) -> list[Json]:
        """What the service finds, by the same rules."""
        if item.id in self.figures:
            row = self.rows[item.id]
            content = {"value": item.newest, "unit": row.unit, "description": row.description}
            found = figure_item_problems(item.id, content, self._row(item.id), self.policy)
        else:
            found = entry_problems(item.id, item.newest, self._around(item))
        names = ("field", "code", "values", "message", "fix")
        return [{name: getattr(problem, name) for name in names} for problem in found]

    def _around(self, item: Item) -> Surroundings:
        others = [one for one in self.entries.values() if one.published and one.id != item.id]
        phrasings = {
            matching_form(text): (one.id, text)
            for one in others
            for texts in one.published["phrasings"].values()
            for text in texts
        }
        ids = {id_ for id_, one in self.entries.items() if one.published}
        return Surroundings(policy=self.policy, entries=ids, phrasings=phrasings)

    async def _preview(self, request: web.Request) -> web.StreamResponse:
        self._writer(request)
        self._maybe_refuse("preview")
        body = await request.json()
        content, language = body["content"], body["language"]
        text = content.get("answer", {}).get(language, "")
        for variant in content.get("variants", []):
            if all(body["facts"].get(name) == value for name, value in variant["when"].items()):
                text = variant["answer"].get(language, "")
                break
        return web.json_response({"text": self.rendered(text, language), "problems": []})

    def rendered(self, text: str, language: Language) -> str:
        """With the figures of the published policy; what is unknown stays as it is written."""

        def figure(match: re.Match[str]) -> str:
            name = match[1].removesuffix(":number")
            if name not in self.rows:
                return match[0]
            return self._row(name).written(language, with_unit=name == match[1])

        return PLACEHOLDER.sub(figure, text)

    async def _search(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        self._maybe_refuse("search")
        text = (await request.json())["text"]
        scored = sorted(self._scores(text), key=lambda one: -one["probability"])[:3]
        best = scored[0]["probability"] if scored else 0.0
        outcome = "answer" if best > 0.7 else "ask" if best > 0.35 else "decline"
        answers = [self._said(scored[0]["entry"])] if outcome == "answer" else []
        return web.json_response(
            {
                "outcome": outcome,
                "probability": best,
                "language": "zh-Hans",
                "is_question": True,
                "candidates": [one for one in scored if one["probability"] > 0.1],
                "answers": answers,
            }
        )

    def _scores(self, text: str) -> list[Json]:
        found = []
        for item in self.entries.values():
            if item.published is None:
                continue
            phrasings = [p for each in item.published["phrasings"].values() for p in each]
            shares = [(len(set(text) & set(p)) / max(1, len(set(text) | set(p))), p) for p in phrasings]
            share, phrasing = max(shares, default=(0.0, ""))
            found.append(
                {
                    "entry": item.id,
                    "title": item.published["title"]["zh-Hans"],
                    "probability": share,
                    "phrasing": phrasing,
                }
            )
        return found

    def _said(self, entry: str) -> Json:
        text = self.entries[entry].published["answer"]["zh-Hans"]
        return {"entry": entry, "text": self.rendered(text, "zh-Hans"), "language": "zh-Hans"}

    # --- what tests do to it -----------------------------------------------------------------------------------

    def folder(self, area: str) -> Path:
        """Where the files of a page lie."""
        return WEB / area

    def somebody_writes(self, item: Item, change: Any, name: str = "周敏") -> None:
        """A colleague's draft, behind the page's back."""
        content = deepcopy(item.newest)
        content = change(content) or content
        item.write(content, {"id": "other-1", "name": name})

    def make_history(self, id_: str, notes: tuple[str, ...]) -> None:
        """Some revisions of an entry, one per note, each with a phrasing more and other words in the answer."""
        item, by = self.entries[id_], {"id": "editor-1", "name": "陈静"}
        for n, note in enumerate(notes):
            content = deepcopy(item.published)
            content["phrasings"]["zh-Hans"].append(f"第 {n + 2} 版的说法")
            old, new = ("您", "亲") if n % 2 == 0 else ("亲", "您")
            content["answer"]["zh-Hans"] = content["answer"]["zh-Hans"].replace(old, new)
            item.write(content, by)
            item.publish(note, by, BEGAN + timedelta(days=n + 1), key="content")
