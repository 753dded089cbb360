"""The brief 交接单: facts from fields, and what is missing said as unknown."""

from __future__ import annotations

from datetime import UTC, datetime

from routing.brief import BriefCustomer, BriefFacts, SaidMessage, Tried, write_brief
from routing.handoff import Decision, Facts, decide
from routing.settings import RoutingSettings
from routing.tags import NEUTRAL, Tag, Tags

FIELDS = ["why", "customer", "order", "want", "tried", "mood", "level", "urgency"]
ANGRY = Tags(
    sentiment=Tag(label="angry", probability=0.91),
    urgency=Tag(label="high", probability=0.7),
    level=Tag(label="serious", probability=0.8),
    words=("三天了",),
)


def decision_for(text: str, tags: Tags = NEUTRAL) -> Decision:
    return decide(Facts(stage="receipt", text=text, tags=tags), RoutingSettings.model_validate({}))


def said(*texts: str, tags: Tags = NEUTRAL) -> list[SaidMessage]:
    return [SaidMessage(seq=n, text=text, tags=tags) for n, text in enumerate(texts, start=1)]


def test_nothing_known_is_said_as_unknown() -> None:
    nothing = Decision(findings=(), required_level="agent", priority=100)
    brief = write_brief(BriefFacts(decision=nothing))
    assert brief == {**dict.fromkeys(FIELDS), "unknown": FIELDS}


def test_everything_known_leaves_nothing_unknown() -> None:
    brief = write_brief(
        BriefFacts(
            decision=decision_for("都三天了还没退款", ANGRY),
            messages=[*said("我的退款呢"), SaidMessage(seq=9, text="都三天了还没退款", tags=ANGRY)],
            customer=BriefCustomer(
                name="王芳", vip=True, spent_cents=812_300, since=datetime(2024, 3, 1, tzinfo=UTC)
            ),
            order={"number": "AX1"},
            tried=[Tried(what="refund_status", outcome="answered")],
        )
    )
    assert brief["unknown"] == []
    assert {"reason": "angry", "words": ["三天了"], "at_seq": 9} in brief["why"]
    assert brief["customer"] == {
        "name": "王芳",
        "vip": True,
        "spent_cents": 812_300,
        "since": "2024-03-01T00:00:00+00:00",
    }
    assert brief["order"] == {"number": "AX1"}
    assert brief["tried"] == [{"what": "refund_status", "outcome": "answered"}]
    assert brief["mood"][-1] == {"seq": 9, "sentiment": "angry", "probability": 0.91}
    assert (brief["level"], brief["urgency"]) == ("serious", "high")


def test_an_anonymous_customer_without_order_is_unknown() -> None:
    brief = write_brief(BriefFacts(decision=decision_for("人工"), messages=said("我要退货", "人工")))
    assert brief["unknown"] == ["customer", "order", "tried"]


def test_the_wish_is_in_the_customers_own_words_and_not_the_call_for_a_person() -> None:
    brief = write_brief(
        BriefFacts(decision=decision_for("人工"), messages=said("耳机左边没声音", "人工", "？"))
    )
    assert brief["want"] == "耳机左边没声音"


def test_a_call_for_a_person_that_says_why_is_the_wish() -> None:
    text = "转人工，我的耳机左边没有声音想换一副新的"
    assert write_brief(BriefFacts(decision=decision_for(text), messages=said(text)))["want"] == text


def test_the_bare_call_for_a_person_leaves_the_wish_unknown() -> None:
    brief = write_brief(BriefFacts(decision=decision_for("转人工"), messages=said("转人工")))
    assert brief["want"] is None and "want" in brief["unknown"]


def test_the_gravest_level_of_the_conversation_counts_not_the_last() -> None:
    messages = [
        SaidMessage(seq=1, text="第三次了", tags=ANGRY),
        SaidMessage(seq=2, text="好的", tags=NEUTRAL),
    ]
    assert write_brief(BriefFacts(decision=decision_for("人工"), messages=messages))["level"] == "serious"


def test_a_long_wish_is_cut() -> None:
    messages = said("很长的话" * 500)
    assert len(write_brief(BriefFacts(decision=decision_for("人工"), messages=messages))["want"]) == 200
