"""What the knowledge editor's checks and its gate are told for their pictures: gaps, pinned questions, languages, figures of use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from evaluation.screenshots_browser import LANGUAGES, Json

ENTRY = "return_window"
COLLEAGUE: Json = {"id": "e-2", "name": "周敏"}
DAYS = 30


def gaps(now: datetime) -> Json:
    """Three groups of questions, the dearest with an agent's answer."""
    groups = (
        ("declined", 42.0, ("礼品卡能不能退", "礼品卡买错了可以退吗", "送朋友的礼品卡怎么退"), "zh-Hans"),
        ("handed_over", 12.0, ("門店可以自取嗎", "可唔可以去舖頭攞"), "zh-Hant-HK"),
        ("unhelpful", 3.0, ("can I pay in instalments",), "en"),
    )
    shown = [
        {
            "id": f"g-{n}", "name": texts[0], "count": 3 * len(texts), "cost": cost, "nearest": "return_how",
            "agents_answers": ["礼品卡未使用的，可以退回原支付方式。"] if n == 0 else [],
            "questions": [
                {"text": text, "language": language, "why": why, "at": _ago(now, hours=5 * k + 1), "conversation": "c", "seq": k}
                for k, text in enumerate(texts)
            ],
        }
        for n, (why, cost, texts, language) in enumerate(groups)
    ]  # fmt: skip
    return {"gaps": shown, "titles": {}, "from": _ago(now, hours=720), "to": now.isoformat(), "more": False}


def pinned(now: datetime) -> Json:
    """One that must be answered, one that must not."""
    questions = (("七天无理由退货怎么算", ENTRY, "zh-Hans"), ("邊度可以搵到你哋老闆", None, "zh-Hant-HK"))
    return {
        "pinned": [
            {"id": str(n), "question": text, "language": language, "context": None, "expected": expected, "note": "",
             "by": COLLEAGUE, "at": _ago(now, hours=50)}
            for n, (text, expected, language) in enumerate(questions)
        ]
    }  # fmt: skip


def languages(entries: Mapping[str, Json], now: datetime) -> Json:
    """Some are missing or older than the Simplified Chinese."""
    states = {1: "older", 2: "missing"}
    rows = [
        {"id": id_, "title": content["title"], "languages": {
            language: {"state": states.get((n + k) % 4, "ok") if k else "ok", "changed_at": _ago(now, hours=90)}
            for k, language in enumerate(LANGUAGES)}}
        for n, (id_, content) in enumerate(list(entries.items())[:9])
    ]  # fmt: skip
    return {"entries": rows}


def similar() -> Json:
    """A pair that customers mix up."""
    pair = {
        "a": "return_how",
        "b": ENTRY,
        "similarity": 0.94,
        "phrasings": ["怎么退货", "怎么退"],
        "a_to_b": 2,
        "b_to_a": 1,
    }
    return {"pairs": [pair], "titles": {}, "compared": 812, "of": 812}


def unused(entries: Mapping[str, Json], now: datetime) -> Json:
    """Two that nobody needed."""
    lasts: Sequence[str | None] = (None, _ago(now, hours=24 * 130))
    rows = [
        {"id": id_, "title": content["title"], "last_used": last}
        for (id_, content), last in zip(list(entries.items())[-2:], lasts, strict=False)
    ]
    return {"entries": rows}


def calibration(now: datetime) -> Json:
    """Measured and trusted."""
    return {"fitted_at": _ago(now, hours=2), "error": 0.031, "interval": [0.019, 0.044], "questions": 812,
            "direct_answers": "on", "why": ""}  # fmt: skip


def uses(now: datetime) -> Json:
    """A month of customers."""
    days: list[dict[str, int | str]] = [
        {"day": str((now - timedelta(days=DAYS - 1 - n)).date()), "shown": 9 + n % 5, "answered": 4 + n * 7 % 9,
         "asked_back": n % 4, "helpful": n % 3, "unhelpful": int(n % 9 == 0), "handed_over": n % 2}
        for n in range(DAYS)
    ]  # fmt: skip
    names = [name for name in days[0] if name != "day"]
    return {"days": days, "totals": {name: sum(int(day[name]) for day in days) for name in names}}


def review(now: datetime) -> Json:
    """Asked for by a colleague."""
    return {
        "state": "asked",
        "asked_by": COLLEAGUE,
        "asked_at": _ago(now, hours=1),
        "note": "VIP 那条也看一下",
    }


def schedule(now: datetime) -> Json:
    """From tomorrow for ten days."""
    times = (now + timedelta(days=1), now + timedelta(days=11))
    return {
        "publish_at": times[0].isoformat(),
        "expires_at": times[1].isoformat(),
        "by": COLLEAGUE,
        "note": "双十二",
    }


def stopped_gate() -> Json:
    """A thief and what it takes."""
    told = (
        ("退货运费谁出", "return_freight_payer", ENTRY, "pinned"), ("你们老板是谁", None, ENTRY, "outside"),
        ("怎么退货", "return_how", ENTRY, "phrasing"), ("where do I send it", "return_how", None, "phrasing"),
    )  # fmt: skip
    losses = [
        {"question": text, "language": "zh-Hans", "from": before, "to": after, "kind": kind,
         "before": {"outcome": "answer" if before else "decline", "probability": 0.93 if before else 0.1},
         "after": {"outcome": "answer" if after else "decline", "probability": 0.88 if after else 0.2}}
        for text, before, after, kind in told
    ]  # fmt: skip
    return {"state": "done", "done": 812, "total": 812, "verdict": "stopped", "losses": losses, "lost": len(losses),
            "holds_up": True, "thieves": [ENTRY], "gains": 2, "took_ms": 1400}  # fmt: skip


def import_preview() -> Json:
    """A foreign FAQ whose third column says nothing to us."""
    rows = [
        {"问题": f"怎么开发票 {n}", "答案": "在订单页点「开发票」，电子发票当天发到邮箱。", "来源": "旧系统"}
        for n in range(5)
    ]
    mapping = {"问题": "question", "答案": "answer", "来源": None}
    return {"upload": "u-1", "format": "csv", "columns": list(mapping), "rows": 240, "mapping": mapping,
            "sample": rows, "needs": [],
            "notes": [{"code": "read_as", "values": {"encoding": "gb18030"}, "message": "Read as gb18030."}]}  # fmt: skip


def tried_import() -> Json:
    """Most rows are fine, three are not, one is taken with a change."""
    wrong: Sequence[tuple[int, str, str, dict[str, str]]] = (
        (7, "答案", "empty_answer", {"language": "zh-Hans"}), (19, "问题", "same_question", {"row": "4"}),
        (40, "", "edited_since", {"entry": "invoice_get"}),
    )  # fmt: skip
    refused = [
        {"row": row, "field": column, "code": code, "values": values, "message": code, "fix": ""}
        for row, column, code, values in wrong
    ]
    note = {"row": 3, "field": "答案", "code": "own_figure", "values": {"literal": "9 天"}, "message": ""}
    result = {"created": 230, "changed": 7, "unchanged": 0, "refused": refused, "notes": [note]}
    return {"id": None, "state": "done", "done": 240, "total": 240, "problem": None, "problem_code": None,
            "result": result}  # fmt: skip


def _ago(now: datetime, *, hours: int) -> str:
    return (now - timedelta(hours=hours)).isoformat()
