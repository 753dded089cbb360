"""The editor's routes on uses: gaps with their drafts, figures by day, similar and unused entries, and who may not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from tests.integration.rest.conftest import Desk, error_code
from tests.integration.rest.test_rest_knowledge import ENTRIES, Json, Office

GAPS = "/api/knowledge/gaps"


@dataclass
class Uses:
    """Writes what customers asked, as the turns do."""

    desk: Desk

    async def add(
        self,
        text: str,
        outcome: str = "declined",
        *,
        shown: Sequence[str] = (),
        helpful: bool | None = None,
        days_ago: float = 0,
        handed_over: str | None = None,
        language: str = "zh-Hans",
    ) -> UUID:
        at = datetime.now(UTC) - timedelta(days=days_ago)
        id_ = uuid4()
        async with self.desk.pool.connection() as conn:
            await conn.execute(
                "insert into conversations (id, last_customer_seq, created_at) values (%s, 1, %s)", (id_, at)
            )
            await conn.execute(
                "insert into messages (conversation_id, seq, epoch, sender, text, sent_at) values (%s, 1, 1, 'customer', %s, %s)",
                (id_, text, at),
            )
            await conn.execute(
                "insert into knowledge_uses (conversation_id, seq, first_seq, epoch, language, outcome, shown, base_version,"
                " helpful, handed_over, at) values (%s, 1, 1, 1, %s, %s, %s, 1, %s, %s, %s)",
                (id_, language, outcome, list(shown), helpful, handed_over, at),
            )
        return id_


@pytest.fixture
async def office(desk: Desk) -> Office:
    await desk.add_person("editor")
    return Office(desk=desk, csrf=await desk.sign_in("editor"))


@pytest.fixture
def uses(desk: Desk) -> Uses:
    return Uses(desk)


async def listed(office: Office, query: str = "") -> list[Json]:
    return list((await office.ask("GET", f"{GAPS}{query}"))["gaps"])


async def test_gaps_are_listed_begun_as_an_entry_and_dismissed(office: Office, uses: Uses) -> None:
    for text in ("礼品卡能开发票吗", "礼品卡可以开发票不", "礼品卡怎么开发票"):
        await uses.add(text)
    await uses.add("do you take the old fridge away", language="en")
    answer = await office.ask("GET", GAPS)
    first, second = answer["gaps"]
    assert (first["count"], first["cost"], first["language"], first["nearest"]) == (3, 9, "zh-Hans", None)
    assert (second["count"], answer["more"], answer["titles"]) == (1, False, {})
    assert {q["why"] for q in first["questions"]} == {"declined"} and first["name"].startswith("礼品卡")
    assert answer["from"] < answer["to"]
    assert [gap["id"] for gap in await listed(office, "?language=en")] == [second["id"]]
    assert len(await listed(office, "?limit=1")) == 1
    drafted = await office.ask("POST", f"{GAPS}/{first['id']}/draft")
    assert len(drafted["content"]["phrasings"]["zh-Hans"]) == 3
    begun = await office.ask(
        "POST", ENTRIES, {"id": "gift_card_invoice", "content": drafted["content"]}, status=201
    )
    assert begun["entry"]["state"] == "draft"
    dismissed = await office.desk.call("POST", f"{GAPS}/{first['id']}/dismiss", csrf=office.csrf)
    assert dismissed.status == 204
    assert [gap["id"] for gap in await listed(office)] == [second["id"]]


@pytest.mark.parametrize("gap", ["q1", "q1.00", f"q1.{UUID(int=9).hex}", "returns", "..", "Q1"])
async def test_a_gap_that_is_not_there_is_not_found(office: Office, uses: Uses, gap: str) -> None:
    await uses.add("礼品卡能开发票吗")
    for act in ("draft", "dismiss"):
        answer = await office.desk.call("POST", f"{GAPS}/{gap}/{act}", csrf=office.csrf)
        assert (answer.status, await error_code(answer)) == (404, "not_found")


@pytest.mark.parametrize(
    "query", ["days=0", "days=367", "days=x", "days=1e9", "language=fr", "limit=0", "limit=501"]
)
async def test_a_period_or_language_that_is_none_is_refused(office: Office, query: str) -> None:
    answer = await office.desk.call("GET", f"{GAPS}?{query}")
    assert (answer.status, await error_code(answer)) == (422, "invalid_input")


async def test_agents_read_gaps_without_personal_data_and_may_not_dismiss_them(
    office: Office, uses: Uses
) -> None:
    await uses.add("我的电话13800138000，礼品卡能开发票吗")
    await office.desk.add_person("agent")
    office.desk.forget_cookies()
    csrf = await office.desk.sign_in("agent")
    [gap] = await listed(office)
    assert "138001" not in str(gap)
    for act in ("draft", "dismiss"):
        answer = await office.desk.call("POST", f"{GAPS}/{gap['id']}/{act}", csrf=csrf)
        assert (answer.status, await error_code(answer)) == (403, "forbidden")


async def test_figures_of_an_entry_count_by_day_what_became_of_it(office: Office, uses: Uses) -> None:
    await office.begin()
    await uses.add("怎么退", "answered", shown=["returns"], helpful=True)
    await uses.add("退货", "answered", shown=["returns"], helpful=False, handed_over="bot_failed")
    await uses.add("运费", "asked_back", shown=["returns", "exchange"])
    await uses.add("退货", "option", shown=["returns"], helpful=True)
    await uses.add("怎么退", "answered", shown=["returns"], days_ago=3)
    await uses.add("怎么换", "answered", shown=["exchange"])
    await uses.add("怎么退", "answered", shown=["returns"], days_ago=20)
    found = await office.ask("GET", f"{ENTRIES}/returns/uses?days=7")
    assert len(found["days"]) == 7
    assert found["totals"] == {
        "shown": 4,
        "answered": 3,
        "asked_back": 1,
        "taken": 1,
        "helpful": 2,
        "unhelpful": 1,
        "handed_over": 1,
    }
    assert [day["shown"] for day in found["days"]] == [0, 0, 0, 1, 0, 0, 3]
    assert found["days"] == sorted(found["days"], key=lambda day: day["day"])
    today = await office.ask("GET", f"{ENTRIES}/returns/uses?days=1")
    assert [day["shown"] for day in today["days"]] == [3]
    unknown = await office.desk.call("GET", f"{ENTRIES}/nothing/uses")
    assert await error_code(unknown) == "not_found"


async def test_what_nobody_was_given_is_unused_and_an_option_alone_is_no_use(
    office: Office, uses: Uses
) -> None:
    for n, id_ in enumerate(("used", "old", "never", "option_only")):
        content = {
            "group": "returns",
            "title": {"zh-Hans": id_, "zh-Hant-HK": id_, "en": id_},
            "answer": {"zh-Hans": "答", "zh-Hant-HK": "答", "en": "Answer."},
            "phrasings": {
                "zh-Hans": [f"怎么{'退换修寄'[n]}"],
                "zh-Hant-HK": [f"點{'退换修寄'[n]}"],
                "en": [f"how {id_}"],
            },
        }
        await office.published(id_, content)
    await uses.add("怎么退", "answered", shown=["used"])
    await uses.add("怎么换", "option", shown=["old"], days_ago=100)
    await uses.add("怎么寄", "asked_back", shown=["option_only", "used"])
    found = (await office.ask("GET", "/api/knowledge/unused"))["entries"]
    assert [entry["id"] for entry in found] == ["never", "option_only", "old"]
    assert found[0]["last_used"] is None and found[2]["last_used"] is not None
    assert found[0]["title"]["en"] == "never" and found[0]["first_published_at"] is not None
    longer = (await office.ask("GET", "/api/knowledge/unused?days=200"))["entries"]
    assert [entry["id"] for entry in longer] == ["never", "option_only"]


async def test_near_duplicates_of_two_entries_are_told_and_one_alone_has_none(office: Office) -> None:
    def content(chinese: list[str], english: str) -> Json:
        return {
            "group": "g",
            "title": {k: chinese[0] for k in ("zh-Hans", "zh-Hant-HK", "en")},
            "answer": {"zh-Hans": "答", "zh-Hant-HK": "答", "en": "Answer."},
            "phrasings": {
                "zh-Hans": chinese,
                "zh-Hant-HK": [chinese[0] + "呀"],
                "en": [english],
            },
        }

    await office.published("gift_card", content(["礼品卡能开发票吗", "礼品卡开票"], "gift cards"))
    assert (await office.ask("GET", "/api/knowledge/similar"))["pairs"] == []
    begun = await office.begin(
        "gift_card_invoice", content(["礼品卡可以开发票吗", "买礼品卡的发票"], "an invoice")
    )
    await office.desk.add_person("supervisor", login="colleague")
    office = Office(desk=office.desk, csrf=await office.desk.sign_in("colleague"))
    wish = {"version": begun["version"], "note": "", "override_reason": "The gate sees it, and may be told."}
    await office.ask("POST", f"{ENTRIES}/gift_card_invoice/publish", wish)
    await office.published("old_fridge", content(["旧冰箱能不能拉走", "回收旧家电"], "old fridges"))
    found = await office.ask("GET", "/api/knowledge/similar")
    [pair] = found["pairs"]  # the fridge stands in nobody's way
    assert {pair["a"], pair["b"]} == {"gift_card", "gift_card_invoice"} and pair["similarity"] > 0.65
    assert len(pair["phrasings"]) == 2 and set(found["titles"]) == {"gift_card", "gift_card_invoice"}
    assert 0 < found["compared"] <= found["of"]
