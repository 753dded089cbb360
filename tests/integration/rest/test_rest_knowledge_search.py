"""POST /api/knowledge/search: what the bot would say, on the shipped base."""

from __future__ import annotations

from typing import Any

import pytest

from desk.people import Role
from tests.integration.rest.conftest import Desk, MakeDesk, error_code

PATH = "/api/knowledge/search"


async def asked(desk: Desk, csrf: str, **body: Any) -> dict[str, Any]:
    answer = await desk.call("POST", PATH, csrf=csrf, json=body)
    assert answer.status == 200, await answer.text()
    found: dict[str, Any] = await answer.json()
    return found


@pytest.fixture
async def known(make_desk: MakeDesk, knowledge_database_url: str) -> Desk:
    desk: Desk = await make_desk(url=knowledge_database_url)
    return desk


@pytest.mark.parametrize("role", ["agent", "editor"])
async def test_a_question_is_answered_as_a_customer_would_hear_it(known: Desk, role: Role) -> None:
    await known.add_person(role)
    csrf = await known.sign_in(role)
    found = await asked(known, csrf, text="七天无理由退货怎么算")
    assert (found["outcome"], found["language"], found["is_question"]) == ("answer", "zh-Hans", True)
    assert found["candidates"][0]["entry"] == "return_window" and "7 天" in found["answers"][0]["text"]
    vip = await asked(known, csrf, text="七天无理由退货怎么算", language="en", customer={"vip": True})
    assert "15 days" in vip["answers"][0]["text"]
    assert not (await asked(known, csrf, text="谢谢"))["is_question"]


async def test_a_wrong_field_is_named(known: Desk) -> None:
    await known.add_person("editor")
    csrf = await known.sign_in("editor")
    for body in ({}, {"text": "退货", "language": "fr"}, {"text": "退货", "customer": {"moon": True}}):
        answer = await known.call("POST", PATH, csrf=csrf, json=body)
        assert (answer.status, await error_code(answer)) == (422, "invalid_input")
