"""The handoff policy as tables: what the customer and the bot did, which reasons that is, who may take it.

Sources: DOMAIN «What makes a conversation go to a person», «Complaint levels», DESIGN «Rules that several parts share».
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from routing.handoff import Facts, RequiredLevel, decide
from routing.mood import Mood
from routing.reasons import HandoffReason
from routing.settings import RoutingSettings
from routing.tags import NEUTRAL, Tag, Tags

SETTINGS = RoutingSettings.model_validate({})


def tagged(sentiment: str = "neutral", urgency: str = "normal", level: str = "none", p: float = 0.9) -> Tags:
    return Tags(
        sentiment=Tag(label=sentiment, probability=p),
        urgency=Tag(label=urgency, probability=p),
        level=Tag(label=level, probability=p),
        words=("三天了",),
    )


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    facts: Facts
    reasons: set[str]
    level: RequiredLevel = "agent"
    priority: int = 100


def receipt(text: str = "", **given: object) -> Facts:
    return replace(Facts(stage="receipt", text=text), **given)  # type: ignore[arg-type]


def after_turn(text: str = "", **given: object) -> Facts:
    return replace(Facts(stage="after_turn", text=text), **given)  # type: ignore[arg-type]


HANDS_OVER = [
    # asked for, in plain words at once, or as Rasa understood it
    Row(name="asked in words", facts=receipt("转人工"), reasons={"asked"}),
    Row(name="asked in Cantonese", facts=receipt("唔該搵個真人同我講"), reasons={"asked"}),
    Row(name="asked in English", facts=receipt("human please"), reasons={"asked"}),
    Row(name="asked by intent", facts=after_turn("我不想跟你聊了", intent="ask_human"), reasons={"asked"}),
    Row(name="a VIP who asks waits less", facts=receipt("人工", vip=True), reasons={"asked"}, priority=200),
    # angry, or getting angrier over the last turns
    Row(name="angry", facts=receipt(tags=tagged("angry")), reasons={"angry"}, priority=300),
    Row(
        name="getting angrier",
        facts=receipt(tags=tagged("negative"), mood=Mood(value=0.7, unhappy_turns=3)),
        reasons={"escalating"},
        priority=300,
    ),
    Row(
        name="the same thing a third time, politely",
        facts=receipt("请问什么时候发货", mood=Mood(value=0.66, said_times=3)),
        reasons={"escalating"},
        priority=300,
    ),
    # urgent: critical at once; high with a negative mood or money taken twice
    Row(name="critical", facts=receipt(tags=tagged(urgency="critical")), reasons={"urgent"}, priority=450),
    Row(
        name="high and unhappy",
        facts=receipt(tags=tagged("negative", "high")),
        reasons={"urgent"},
        priority=450,
    ),
    Row(
        name="high and a mood that has turned",
        facts=receipt(tags=tagged(urgency="high"), mood=Mood(value=0.45)),
        reasons={"urgent"},
        priority=450,
    ),
    Row(
        name="high and money taken twice, in words",
        facts=receipt("快点查 扣了我两次钱", tags=tagged(urgency="high")),
        reasons={"urgent"},
        priority=450,
    ),
    Row(
        name="money taken twice, as the payments show",
        facts=after_turn("付款怎么回事", charged_twice=True),
        reasons={"urgent"},
        priority=400,
    ),
    # complaint levels 2 and 3
    Row(
        name="serious complaint",
        facts=receipt(tags=tagged("negative", level="serious")),
        reasons={"complaint_serious"},
        level="senior",
        priority=300,
    ),
    Row(
        name="major complaint, politely",
        facts=receipt(tags=tagged("neutral", level="major")),
        reasons={"complaint_major"},
        level="supervisor",
        priority=500,
    ),
    Row(
        name="major and angry: both are named, the graver one decides",
        facts=receipt(tags=tagged("angry", level="major")),
        reasons={"complaint_major", "angry"},
        level="supervisor",
        priority=500,
    ),
    # the bot has failed twice
    Row(name="bot failed twice", facts=after_turn(bot_failures=2), reasons={"bot_failed"}),
    # not in the knowledge base and a person is wanted: on yes, or at the second time
    Row(
        name="declined, and a person is wanted",
        facts=after_turn("好的", wants_person_after_decline=True),
        reasons={"not_in_knowledge_base"},
    ),
    Row(
        name="declined a second time",
        facts=after_turn(outcome="declined", declined_before=1),
        reasons={"not_in_knowledge_base"},
    ),
    # an order of high value with a problem or a negative mood
    Row(
        name="high value with a problem",
        facts=after_turn(order_value_cents=500_000, has_problem=True),
        reasons={"high_value"},
    ),
    Row(
        name="high value and unhappy",
        facts=after_turn(order_value_cents=800_000, tags=tagged("negative")),
        reasons={"high_value"},
    ),
    # VIP with a negative mood
    Row(
        name="VIP unhappy",
        facts=receipt(vip=True, tags=tagged("negative")),
        reasons={"vip_unhappy"},
        priority=200,
    ),
    # several problems: three, or two of which one needs a person
    Row(
        name="three problems",
        facts=after_turn(problems=frozenset({"invoice", "refund", "exchange"})),
        reasons={"several_problems"},
    ),
    Row(
        name="two problems, one for a person",
        facts=after_turn(problems=frozenset({"invoice", "complaint"})),
        reasons={"several_problems"},
    ),
    Row(name="form abandoned twice", facts=after_turn(forms_abandoned=2), reasons={"form_abandoned"}),
    # fraud and safety go to a supervisor
    Row(
        name="account theft",
        facts=receipt("我账号被盗了，有人登录了我的账号"),
        reasons={"fraud"},
        level="supervisor",
        priority=400,
    ),
    Row(
        name="an order that is not theirs",
        facts=receipt("I never placed this order"),
        reasons={"fraud"},
        level="supervisor",
        priority=400,
    ),
    Row(
        name="goods on fire",
        facts=receipt("充电宝刚才冒烟了"),
        reasons={"safety"},
        level="supervisor",
        priority=500,
    ),
    Row(
        name="burned, in Cantonese",
        facts=receipt("部機爆咗，個仔受傷"),
        reasons={"safety"},
        level="supervisor",
        priority=500,
    ),
    Row(name="our own trouble", facts=after_turn(system_trouble=True), reasons={"system_trouble"}),
]


@pytest.mark.parametrize("row", HANDS_OVER, ids=lambda row: row.name)
def test_goes_to_a_person(row: Row) -> None:
    decision = decide(row.facts, SETTINGS)
    assert {str(reason) for reason in decision.reasons} == row.reasons
    assert decision.required_level == row.level
    assert decision.priority == row.priority


@dataclass(frozen=True, kw_only=True)
class Stays:
    name: str
    facts: Facts = field(default_factory=receipt)


STAYS_WITH_BOT = [
    Stays(name="greeting", facts=receipt("你好")),
    Stays(name="thanks", facts=receipt("谢谢", tags=tagged("positive"))),
    Stays(name="thanks of a VIP", facts=receipt("谢谢", tags=tagged("positive"), vip=True)),
    Stays(name="an ordinary question", facts=after_turn("几天能到", outcome="answered", intent="ask_policy")),
    Stays(name="merely curt", facts=receipt("退款")),
    Stays(name="a little annoyed once", facts=receipt("有点慢", tags=tagged("negative", level="minor"))),
    Stays(name="perhaps angry", facts=receipt(tags=tagged("angry", p=0.35))),
    Stays(name="in a hurry and calm", facts=receipt("尽快", tags=tagged(urgency="high"))),
    Stays(name="serious without displeasure", facts=receipt(tags=tagged("neutral", level="serious"))),
    Stays(name="perhaps serious", facts=receipt(tags=tagged("neutral", level="serious", p=0.55))),
    Stays(name="a mood that thanks have ended", facts=receipt(tags=tagged("positive"), mood=Mood(value=0.7))),
    Stays(name="artificial intelligence", facts=receipt("这是人工智能吗")),
    Stays(name="no person wanted", facts=receipt("不用转人工了")),
    Stays(name="bot failed once", facts=after_turn(bot_failures=1)),
    Stays(name="declined once inside the trade", facts=after_turn(outcome="declined")),
    Stays(
        name="declined twice outside the trade",
        facts=after_turn(outcome="declined", declined_before=1, intent="chitchat"),
    ),
    Stays(name="answered after an earlier decline", facts=after_turn(outcome="answered", declined_before=1)),
    Stays(name="dear order without a problem", facts=after_turn(order_value_cents=900_000)),
    Stays(name="problem with a cheaper order", facts=after_turn(order_value_cents=499_999, has_problem=True)),
    Stays(name="one problem", facts=after_turn(problems=frozenset({"complaint"}))),
    Stays(
        name="two problems that the bot finishes", facts=after_turn(problems=frozenset({"invoice", "refund"}))
    ),
    Stays(name="form abandoned once", facts=after_turn(forms_abandoned=1)),
    Stays(name="asks whether it could burn", facts=receipt("这个电池会不会爆炸啊")),
    Stays(name="asks about theft in general", facts=receipt("怎么防止账号被盗")),
    Stays(name="asks about double charges", facts=receipt("如果扣了两次钱怎么办")),
]


@pytest.mark.parametrize("row", STAYS_WITH_BOT, ids=lambda row: row.name)
def test_stays_with_the_bot(row: Stays) -> None:
    decision = decide(row.facts, SETTINGS)
    assert decision.reasons == ()
    assert not decision.handoff


def test_every_reason_of_the_list_has_a_row() -> None:
    assert set().union(*(row.reasons for row in HANDS_OVER)) == {str(reason) for reason in HandoffReason}


def test_findings_carry_the_words_and_figures_that_led_there() -> None:
    finding = decide(receipt(tags=tagged("angry")), SETTINGS).findings[0]
    assert finding.words == ("三天了",)
    assert finding.detail == {"probability": 0.9}


def test_thresholds_are_settings() -> None:
    strict = RoutingSettings.model_validate({"angry_probability": 0.95})
    assert decide(receipt(tags=tagged("angry", p=0.9)), strict).reasons == ()


def test_neutral_message_decides_nothing() -> None:
    decision = decide(receipt(tags=NEUTRAL), SETTINGS)
    assert decision.as_json() == {
        "handoff": False,
        "findings": [],
        "required_level": "agent",
        "priority": 100,
    }
