"""The fake base's import and export: CSV alone is read, row by row, with planted refusals."""

from __future__ import annotations

import csv
import io
from typing import Any

from aiohttp import web

from tests.browser.console_story import Json
from tests.browser.fake_checks import FakeChecks
from tests.browser.fake_console import Refused

GUESSES = {
    "question": "question",
    "问题": "question",
    "answer": "answer",
    "答案": "answer",
    "id": "id",
}
STEPS = 3


class FakeTransfer(FakeChecks):
    """Takes one upload after the other."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__(most)
        self.uploads: dict[str, list[Json]] = {}
        self.imports: dict[str, Json] = {}
        self.exported: list[dict[str, str]] = []
        self.unreadable = told("wrong_encoding", "Neither UTF-8, GB18030 nor Big5.", fix="Save it.")
        self.notes: list[Json] = []
        self.row_problems: list[Json] = []
        self.breaks_off = False

    def _application(self) -> web.Application:
        app = super()._application()
        base = "/api/knowledge"
        app.add_routes(
            [
                web.post(f"{base}/import/preview", self._preview_import),
                web.post(f"{base}/import", self._import),
                web.get(base + "/import/{id}", self._import_state),
                web.get(f"{base}/export", self._export),
            ]
        )
        return app

    async def _preview_import(self, request: web.Request) -> web.StreamResponse:
        self._writer(request)
        file: Any = (await request.post())["file"]
        try:
            text = file.file.read().decode()
        except UnicodeDecodeError:
            refused = Refused(422, "invalid_input", "Neither UTF-8, GB18030 nor Big5. Save it.", "file")
            refused.body["problems"] = [self.unreadable]
            raise refused from None
        rows: list[Json] = list(csv.DictReader(io.StringIO(text)))
        upload = f"u-{len(self.uploads) + 1}"
        self.uploads[upload] = rows
        columns = list(rows[0]) if rows else []
        mapping = {column: GUESSES.get(column) for column in columns}
        return web.json_response(
            {"upload": upload, "format": "csv", "columns": columns, "rows": len(rows), "mapping": mapping}
            | {"sample": rows[:5], "needs": [], "notes": self.notes}
        )

    async def _import(self, request: web.Request) -> web.StreamResponse:
        self._writer(request)
        body = await request.json()
        if body.get("dry_run"):
            return web.json_response({"id": None, "state": "done", "result": self._result(body)})
        id_ = f"i-{len(self.imports) + 1}"
        self.imports[id_] = body | {"asked": 0}
        return web.json_response({"id": id_, "state": "running"}, status=202)

    async def _import_state(self, request: web.Request) -> web.StreamResponse:
        self._writer(request)
        job = self.imports[request.match_info["id"]]
        rows = self.uploads[job["upload"]]
        job["asked"] += 1
        total = len(rows) if job["rows"] == "all" else len(job["rows"])
        if job["asked"] < STEPS:
            return web.json_response(
                {"state": "running", "done": total * job["asked"] // STEPS, "total": total}
            )
        done: Json = {"state": "done", "done": total, "total": total, "problem": None, "problem_code": None}
        if self.breaks_off:
            done |= {"state": "failed", "problem": "The import broke off.", "problem_code": "broke_off"}
        return web.json_response(done | {"result": self._result(job)})

    def _result(self, job: Json) -> Json:
        rows = self.uploads[job["upload"]]
        wanted = range(2, len(rows) + 2) if job["rows"] == "all" else job["rows"]  # the header is row 1
        answers = [name for name, field in job["mapping"].items() if field == "answer"]
        refused = [
            {"row": n, "field": answers[0]} | told("empty_answer", "is empty.", fix="Write it.")
            for n in wanted
            if not rows[n - 2][answers[0]]
        ]
        refused += [one for one in self.row_problems if one["row"] in wanted]
        created = len(wanted) - len({one["row"] for one in refused})
        return {"created": created, "changed": 0, "unchanged": 0, "refused": refused, "notes": []}

    async def _export(self, request: web.Request) -> web.StreamResponse:
        self._me(request)
        asked = dict(request.query)
        self.exported.append(asked)
        name = f"knowledge.{asked['format']}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(text="id,title\n", headers=headers)


def told(code: str, message: str, *, fix: str | None = None, **values: str) -> Json:
    """What is wrong with a row or a file, or a note on it, as the API shows it."""
    return {"code": code, "values": values, "message": message} | ({"fix": fix} if fix else {})
