"""Rules in general are the knowledge base's, one's own order is the skill's; and what is offered stays within reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.effects import BotFailed, ShowOrder
from bot.rasa_client import Button
from tests.unit import test_thinking
from tests.unit.test_thinking import FakeRasa, Found, Option, reply, think

PERSON = Button(title="转人工", intent="ask_human", entities={})
ORDER = {"number": "AX1", "total_cents": 100}
OPEN_FORM = {
    "form": "track_order_form",
    "form_question": {"text": "请发订单号", "buttons": []},
    "slots": {},
}


@pytest.fixture(autouse=True)
def _base_knows_how_to_return(monkeypatch: pytest.MonkeyPatch) -> None:
    class ReturnsKnowledge(test_thinking.FakeKnowledge):
        async def search(
            self,
            text: str,
            *,
            language: str,
            context: str | None = None,
            customer: Mapping[str, Any] | None = None,
        ) -> Found:
            return Found("answer", 0.97, [Option("return_how", "怎么退货", 0.97)], ["订单页点申请售后"])

    monkeypatch.setattr(test_thinking, "FakeKnowledge", ReturnsKnowledge)


async def test_who_wants_to_return_something_is_asked_for_the_order() -> None:
    rasa = FakeRasa(reply("请发订单号", intent="request_return", form="request_return_form"))
    outcome = await think("我要退货", rasa)
    assert [r.text for r in outcome.replies] == ["请发订单号"] and outcome.answered_entries == ()


async def test_who_asks_how_to_return_gets_the_answer() -> None:
    outcome = await think("怎么退货", FakeRasa(reply("要转接吗", intent="ask_policy")))
    assert [r.text for r in outcome.replies] == ["订单页点申请售后"]
    assert [a.entry for a in outcome.answered_entries] == ["return_how"]


async def test_same_question_while_a_form_asks_is_answered_and_the_form_asks_again() -> None:
    effects = (BotFailed(why="no_skill"),)
    rasa = FakeRasa(reply("要转接吗", intent="ask_policy", form="track_order_form", effects=effects))
    outcome = await think("怎么退货", rasa, dialogue=OPEN_FORM)
    assert [r.text for r in outcome.replies] == ["订单页点申请售后", "请发订单号"]
    assert not outcome.facts.bot_failed
    assert outcome.dialogue is not None and outcome.dialogue["form"] == "track_order_form"


async def test_card_comes_before_the_words_whose_buttons_must_stay_live() -> None:
    effects = (ShowOrder(order=ORDER),)
    offering = await think(
        "退货", FakeRasa(reply("过期了", intent="request_return", effects=effects, buttons=(PERSON,)))
    )
    assert [r.kind for r in offering.replies] == ["order_card", "text"]
    plain = await think("退货", FakeRasa(reply("可以退", intent="request_return", effects=effects)))
    assert [r.kind for r in plain.replies] == ["text", "order_card"]
