"""What a turn comes to, with Rasa and the knowledge base played by fakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

from bot.answer_skill import NOT_UNDERSTOOD, Knowledge
from bot.effects import BotFailed, Effect, FormAbandoned, OfferHandoff, ShowOrder
from bot.rasa_client import Button, RasaClient, RasaMessage, RasaReply, RasaTimeout, RasaTurn, RasaUnavailable
from bot.thinking import Thinker
from desk.turns import ClaimedTurn, Fragment, TurnDesk, TurnOutcome
from knowledge_base.uses import Use
from routing.tags import NEUTRAL


@dataclass
class FakeRasa:
    """Answers every turn with the same reply, or raises."""

    reply: RasaReply | None = None
    error: Exception | None = None
    asked: list[RasaTurn] = field(default_factory=list)

    async def turn(self, turn: RasaTurn) -> RasaReply:
        self.asked.append(turn)
        if self.error:
            raise self.error
        assert self.reply is not None
        return self.reply


@dataclass(frozen=True)
class Found:
    outcome: str
    probability: float
    candidates: Sequence[Any]
    answers: Sequence[str]
    is_question: bool = True

    @property
    def answered(self) -> Sequence[str]:
        """The first candidates, as many as answers."""
        return [option.entry for option in self.candidates[: len(self.answers)]]


@dataclass(frozen=True)
class Option:
    entry: str
    title: str
    probability: float


class FakeKnowledge:
    """Knows the return window for certain, and something about freight less so."""

    known_version = 7

    async def search(
        self,
        text: str,
        *,
        language: str,
        context: str | None = None,
        customer: Mapping[str, Any] | None = None,
    ) -> Found:
        window = Option("return_window", "七天无理由", 0.95)
        if "七天" in text and "发票" in text:
            invoice = Option("invoice_get", "开发票", 0.93)
            return Found("answer", 0.93, [window, invoice], ["签收次日起 7 天内", "订单页可以开"])
        if "七天" in text and "快递" in text:
            tracking = Option("tracking_where", "在哪看物流", 0.97)
            return Found("answer", 0.95, [tracking, window], ["订单页可以看", "签收次日起 7 天内"])
        if "七天" in text:
            return Found("answer", 0.95, [window], ["签收次日起 7 天内"])
        if "运费" in text:
            options = [Option("return_freight_payer", "退货运费", 0.5), Option("shipping_fee", "运费", 0.4)]
            return Found("ask", 0.5, options, [])
        if "快递" in text:
            return Found("answer", 0.97, [Option("tracking_where", "在哪看物流", 0.97)], ["订单页可以看"])
        return Found("decline", 0.1, [], [], is_question=text not in ("谢谢", "你好"))

    async def render(self, entry_id: str, language: str, facts: Mapping[str, Any]) -> str:
        if entry_id == "gone":
            raise KeyError(entry_id)
        return f"答案：{entry_id}"

    async def title(self, entry_id: str, language: str) -> str:
        return f"标题：{entry_id}"

    async def start_form(self, entry_id: str) -> str | None:
        return {"return_window": "return", "invoice_get": "form_from_elsewhere"}.get(entry_id)


class FakeTurns:
    def __init__(self) -> None:
        self.added: dict[str, Any] = {}

    async def add_references(self, turn: ClaimedTurn, references: Mapping[str, Any]) -> None:
        self.added |= references


def reply(
    *texts: str,
    intent: str = "greet",
    effects: tuple[Effect, ...] = (),
    form: str | None = None,
    buttons: tuple[Button, ...] = (),
) -> RasaReply:
    return RasaReply(
        turn_id=uuid4(),
        replies=tuple(RasaMessage(text=text, buttons=buttons) for text in texts),
        effects=effects,
        intent=intent,
        confidence=0.9,
        entities=(),
        form=form,
        slots={},
        repaired=0,
    )


async def think(
    text: str,
    rasa: FakeRasa,
    *,
    dialogue: Mapping[str, Any] | None = None,
    button: Mapping[str, Any] | None = None,
    kind: str = "text",
    then: str | None = None,
    is_rasa_up: bool = True,
) -> TurnOutcome:
    """One fragment, or with `then` two: the customer wrote on before the bot had answered."""
    turn = ClaimedTurn(
        turn_id=uuid4(),
        conversation_id=UUID(int=1),
        epoch=1,
        generation=1,
        rasa_turn_id=None,
        language="zh-Hans",
        customer_shop_id=None,
        sandbox="",
        shop_now=datetime(2026, 11, 21, tzinfo=UTC),
        dialogue=dialogue or {},
        refs={},
        fragments=(
            Fragment(
                seq=1,
                kind=kind,
                text=text,
                private={"button": button} if button else {},
                tags=NEUTRAL.as_json(),
            ),
            *((Fragment(seq=2, kind="text", text=then, private={}, tags=NEUTRAL.as_json()),) if then else ()),
        ),
    )
    thinker = Thinker(
        rasa=cast(RasaClient, rasa),
        knowledge=cast(Knowledge, FakeKnowledge()),
        turns=cast(TurnDesk, FakeTurns()),
        model=lambda: "m",
        is_rasa_up=lambda: is_rasa_up,
    )
    return await thinker.think(turn)


async def test_a_certain_answer_does_not_wait_for_rasa() -> None:
    rasa = FakeRasa()
    outcome = await think("七天无理由怎么算", rasa)
    assert rasa.asked == []
    assert [r.text for r in outcome.replies] == ["签收次日起 7 天内"]
    assert [(a.entry, a.title) for a in outcome.answered_entries] == [("return_window", "七天无理由")]
    assert outcome.facts.outcome == "answered" and not outcome.called_rasa


async def test_an_answer_whose_entry_has_a_form_carries_the_button_that_starts_it() -> None:
    answered = await think("七天无理由怎么算", FakeRasa())
    assert answered.replies[0].private == {
        "buttons": [{"title": "我要退货", "intent": "request_return", "entities": {}}]
    }
    rasa = FakeRasa(reply("您想退哪个订单？", intent="request_return", form="request_return_form"))
    tapped = await think("我要退货", rasa, button={"intent": "request_return", "entities": {}})
    assert [(asked.text, asked.button and asked.button.intent) for asked in rasa.asked] == [
        ("", "request_return")
    ]
    assert [r.text for r in tapped.replies] == ["您想退哪个订单？"]


async def test_no_button_where_it_could_start_nothing_or_was_not_the_last_word() -> None:
    without_rasa = await think("七天无理由怎么算", FakeRasa(), is_rasa_up=False)
    unknown_form = await think("发票怎么开 七天", FakeRasa())
    in_a_form = await think("七天无理由怎么算", FakeRasa(), dialogue={"form": "track_order_form"})
    no_form = await think(
        "运费", FakeRasa(), button={"intent": "knowledge_option", "entities": {"entry": "x"}}
    )
    person = FakeRasa(reply(intent="ask_human", effects=(OfferHandoff(reason="asked"),)))
    to_a_person = await think("快递到哪了 七天无理由怎么算 转人工", person)
    for outcome in (without_rasa, unknown_form, in_a_form, no_form, to_a_person):
        assert outcome.replies and not any("buttons" in r.private for r in outcome.replies if r.is_answer)


async def test_several_questions_get_an_answer_each_in_their_order() -> None:
    rasa = FakeRasa()
    outcome = await think("七天无理由怎么算 发票怎么开", rasa)
    assert rasa.asked == []
    assert [r.text for r in outcome.replies] == ["签收次日起 7 天内", "订单页可以开"]
    assert [a.entry for a in outcome.answered_entries] == ["return_window", "invoice_get"]
    assert all(r.is_answer for r in outcome.replies)
    assert outcome.dialogue is not None and outcome.dialogue["last_entry"] == "invoice_get"
    assert outcome.use is not None and outcome.use.shown == ("return_window", "invoice_get")


async def test_of_several_questions_the_skill_takes_its_own_and_the_others_are_answered_before_it() -> None:
    rasa = FakeRasa(reply("您想查哪个订单？", intent="track_order", form="track_order_form"))
    outcome = await think("我的快递到哪了 七天怎么算", rasa)
    assert [r.text for r in outcome.replies] == ["签收次日起 7 天内", "您想查哪个订单？"]
    assert [a.entry for a in outcome.answered_entries] == ["return_window"]


async def test_an_entry_that_a_skill_answers_better_is_rasas() -> None:
    rasa = FakeRasa(reply("您想查哪个订单？", intent="track_order", form="track_order_form"))
    outcome = await think("我的快递到哪了", rasa)
    assert [r.text for r in outcome.replies] == ["您想查哪个订单？"]
    assert outcome.dialogue is not None and outcome.dialogue["want"] == "我的快递到哪了"


async def test_a_question_in_between_is_answered_and_the_form_asks_again() -> None:
    button = Button(title="不查了", intent="stop", entities={})
    rasa = FakeRasa(reply("请发订单号", intent="track_order", form="track_order_form", buttons=(button,)))
    first = await think("我的快递到哪了", rasa)
    assert first.dialogue is not None
    second = await think("七天无理由怎么算", rasa, dialogue=first.dialogue)
    assert [r.text for r in second.replies] == ["签收次日起 7 天内", "请发订单号"]
    assert second.replies[1].private["buttons"][0]["intent"] == "stop"
    assert second.dialogue is not None and second.dialogue["form"] == "track_order_form"


async def test_what_is_less_certain_is_asked_back_with_options_and_the_tapped_one_is_answered() -> None:
    rasa = FakeRasa(reply("？", intent="ask_policy", effects=(BotFailed(why="no_skill"),)))
    outcome = await think("那运费呢", rasa)
    assert outcome.facts.outcome == "asked_back" and not outcome.facts.bot_failed
    [asked] = outcome.replies
    tapped = {k: asked.private["buttons"][0][k] for k in ("intent", "entities")}
    answered = await think("退货运费", rasa, dialogue=outcome.dialogue, button=tapped)
    assert [r.text for r in answered.replies] == ["答案：return_freight_payer"]
    assert len(rasa.asked) == 1


async def test_what_came_of_a_searched_question_is_told_with_the_turn() -> None:
    fallback = FakeRasa(reply("？", intent="ask_policy", effects=(BotFailed(why="no_skill"),)))
    answered = await think("七天无理由怎么算", FakeRasa())
    assert answered.use == Use(
        outcome="answered",
        shown=("return_window",),
        candidates=(("return_window", 0.95),),
        probability=0.95,
        base_version=7,
    )
    assert [r.is_answer for r in answered.replies] == [True]
    asked = await think("那运费呢", fallback)
    assert asked.use is not None and asked.use.outcome == "asked_back"
    assert asked.use.shown == ("return_freight_payer", "shipping_fee")
    assert not any(r.is_answer for r in asked.replies)
    tapped = {"intent": "knowledge_option", "entities": {"entry": "shipping_fee"}}
    taken = await think("运费", FakeRasa(), button=tapped)
    assert (
        taken.use == Use(outcome="option", shown=("shipping_fee",), base_version=7)
        and taken.replies[0].is_answer
    )
    declined = await think("可以开礼品卡发票吗", fallback)
    assert declined.use is not None and declined.use.outcome == "declined"


async def test_what_a_skill_answers_is_left_to_it_and_what_asks_nothing_is_no_use() -> None:
    tracked = await think("我的快递到哪了", FakeRasa(reply("在路上", intent="track_order")))
    assert tracked.use is not None and (tracked.use.outcome, tracked.use.shown) == ("left", ())
    assert (await think("谢谢", FakeRasa(reply("不客气", intent="thanks")))).use is None
    number = await think("AX123456789012", FakeRasa(reply("在路上", intent="track_order")))
    assert number.use is None, "a number alone is not searched for"


async def test_without_rasa_what_the_base_does_not_know_is_declined() -> None:
    lost = await think("帮我改一下地址", FakeRasa(error=RasaUnavailable("down")))
    assert lost.use is not None and lost.use.outcome == "declined"
    unsure = await think("那运费呢", FakeRasa(error=RasaUnavailable("down")))
    assert unsure.use is not None and unsure.use.outcome == "left"


async def test_a_tap_that_more_words_followed_is_not_forgotten() -> None:
    rasa = FakeRasa(reply("您想查哪个订单？", intent="track_order"))
    outcome = await think("查物流", rasa, button={"intent": "track_order", "entities": {}}, then="快一点")
    assert [(asked.text, asked.button) for asked in rasa.asked] == [("查物流\n快一点", None)]
    assert outcome.facts.text == "查物流\n快一点"


async def test_a_button_of_an_entry_that_is_gone_is_answered_honestly() -> None:
    old = {"intent": "knowledge_option", "entities": {"entry": "gone"}}
    outcome = await think("旧选项", FakeRasa(), button=old)
    assert [r.text for r in outcome.replies] == [NOT_UNDERSTOOD["zh-Hans"]] and outcome.facts.bot_failed


async def test_a_second_ask_back_in_a_row_is_a_failure() -> None:
    rasa = FakeRasa(reply("？", intent="ask_policy"))
    first = await think("那运费呢", rasa)
    second = await think("运费运费", rasa, dialogue=first.dialogue)
    assert second.facts.bot_failed


async def test_without_rasa_certain_answers_and_courtesies_go_on_and_the_rest_goes_to_people() -> None:
    for error in (RasaUnavailable("down"), RasaTimeout("slow")):
        rasa = FakeRasa(error=error)
        assert (await think("快递", rasa)).facts.outcome == "answered"
        polite = await think("谢谢", rasa)
        assert polite.replies and not polite.facts.system_trouble
        lost = await think("帮我改一下地址", rasa)
        assert lost.facts.system_trouble and lost.replies == ()
        assert lost.ends_generation is isinstance(error, RasaTimeout)


async def test_effects_become_replies_facts_and_what_the_desk_remembers() -> None:
    order = {"number": "AX1", "total_cents": 500_000}
    shown = await think(
        "AX123456789012", FakeRasa(reply("在路上", intent="track_order", effects=(ShowOrder(order=order),)))
    )
    assert [r.kind for r in shown.replies] == ["text", "order_card"]
    assert shown.dialogue is not None and shown.dialogue["order_value_cents"] == 500_000
    asked = await think(
        "找人", FakeRasa(reply("好的", intent="unclear", effects=(OfferHandoff(reason="asked"),)))
    )
    assert asked.facts.intent == "ask_human"
    left = await think(
        "算了", FakeRasa(reply("好的", intent="stop", effects=(FormAbandoned(form="track_order_form"),)))
    )
    assert left.dialogue is not None and left.dialogue["forms_abandoned"] == 1


async def test_a_yes_to_the_offered_person_brings_one() -> None:
    declined = await think(
        "帮我改地址",
        FakeRasa(reply("要转接吗", intent="change_address", effects=(BotFailed(why="no_skill"),))),
    )
    assert declined.facts.bot_failed and declined.dialogue is not None and declined.dialogue["person_offered"]
    yes = await think("好", FakeRasa(reply("好的", intent="affirm")), dialogue=declined.dialogue)
    assert yes.facts.wants_person_after_decline


async def test_a_wrong_value_is_a_failure_but_no_missing_answer() -> None:
    rejected = await think(
        "尾号0000",
        FakeRasa(reply("核对不上", intent="inform", effects=(BotFailed(why="value_rejected"),))),
    )
    assert rejected.facts.bot_failed and rejected.facts.outcome == "none"
    assert rejected.dialogue is not None and not rejected.dialogue["person_offered"]


async def test_a_picture_alone_is_acknowledged_and_silence_of_rasa_is_not_passed_on() -> None:
    rasa = FakeRasa(reply(intent="unclear"))
    assert "图片" in (await think("", rasa, kind="image")).replies[0].text
    silent = await think("嗯哼", rasa)
    assert silent.replies[0].text == NOT_UNDERSTOOD["zh-Hans"] and silent.facts.bot_failed


async def test_numbers_reach_rasa_as_references_only() -> None:
    rasa = FakeRasa(reply("在路上", intent="track_order"))
    await think("查 AX123456789012 尾号8812", rasa)
    [asked] = rasa.asked
    assert "123456789012" not in asked.text and "8812" not in asked.text
    assert {r["kind"] for r in asked.references} == {"order", "phone_tail"}
