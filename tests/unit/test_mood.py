"""Mood over the turns of a conversation: rising, calming, and the quiet kinds of anger."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from routing.mood import CALM, Mood, advance
from routing.settings import RoutingSettings
from routing.tags import NEUTRAL, SENTIMENTS, Tag, Tags

ESCALATING = RoutingSettings.model_validate({}).escalating_mood


def felt(label: str, probability: float = 0.8) -> Tags:
    return Tags(
        sentiment=Tag(label=label, probability=probability), urgency=NEUTRAL.urgency, level=NEUTRAL.level
    )


def after(*labels: str, pause_s: float = 30) -> Mood:
    mood = CALM
    for label in labels:
        mood = advance(mood, felt(label), seconds_since_last=pause_s)
    return mood


def test_one_negative_message_is_no_escalation() -> None:
    assert 0 < after("negative").value < ESCALATING


def test_negative_turns_in_a_row_escalate() -> None:
    assert after("negative", "negative").value < ESCALATING <= after(*["negative"] * 3).value


def test_a_neutral_turn_in_between_calms() -> None:
    assert after("negative", "negative", "neutral", "negative").value < after(*["negative"] * 3).value


def test_two_angry_messages_escalate() -> None:
    assert after("angry", "angry").value >= ESCALATING


def test_thanks_calm_faster_than_silence() -> None:
    assert after("angry", "positive").value < after("angry", "neutral").value < after("angry").value


def test_half_an_hour_of_silence_halves_it() -> None:
    angry = after("angry")
    later = advance(angry, felt("neutral"), seconds_since_last=1800)
    assert later.value < angry.value * 0.5


def said(*texts: str, label: str = "neutral") -> Mood:
    mood = CALM
    for text in texts:
        mood = advance(mood, felt(label), seconds_since_last=60, text=text)
    return mood


def test_the_third_time_the_same_is_asked_is_anger_however_polite() -> None:
    twice = said("请问什么时候能发货", "什么时候能发货呢")
    thrice = said("请问什么时候能发货", "什么时候能发货呢", "到底什么时候能发货")
    assert twice.value < ESCALATING <= thrice.value
    assert thrice.said_times == 3


def test_a_third_polite_chase_after_please_wait_is_anger_and_an_answer_calms_it() -> None:
    """Quiet anger: no bad word in it. The agent's 请耐心等待 is not the customer's message and counts for nothing."""
    chases = ["麻烦问下什么时候能退款呀", "您好 请问什么时候能退款", "请问到底什么时候能退款 谢谢"]
    values = [said(*chases[:n]).value for n in (1, 2, 3)]
    assert values == sorted(values)
    assert values[1] < ESCALATING <= values[2]
    calmed = said(*chases)
    for answer in ("好的 收到了 谢谢", "嗯嗯 好"):
        calmed = advance(calmed, felt("positive"), seconds_since_last=60, text=answer)
    assert calmed.value < values[0] + 0.2


def test_mood_recovers_over_neutral_turns_and_rises_again_with_the_next_anger() -> None:
    up = after("negative", "angry")
    calm = after("negative", "angry", "neutral", "neutral", "neutral")
    again = after("negative", "angry", "neutral", "neutral", "neutral", "angry")
    assert calm.value < up.value
    assert again.value > calm.value


def test_different_questions_are_no_repetition() -> None:
    mood = said("请问什么时候能发货", "发票可以开公司抬头吗", "换大一码要补差价吗")
    assert mood.said_times == 1
    assert mood.value == 0


def test_the_same_phrase_twice_in_one_message_is_no_second_chase() -> None:
    assert said("什么时候发货啊 什么时候发货啊").said_times == 1


def test_small_words_and_numbers_never_count_as_repeated() -> None:
    assert said("好的", "好的", "好的", "好的").value == 0
    assert said("13800138000", "13800138000", "13800138000").value == 0


def test_no_text_is_kept() -> None:
    stored = said("我的电话打不通请联系我").as_json()
    assert "电话" not in str(stored)


def test_survives_storage() -> None:
    mood = said("什么时候发货啊", "怎么还没有发货", label="negative")
    assert Mood.from_json(mood.as_json()).as_json() == mood.as_json()
    assert Mood.from_json({}) == CALM


turns = st.lists(
    st.tuples(
        st.sampled_from(SENTIMENTS),
        st.floats(0, 1),
        st.floats(-1e6, 1e9),
        st.text(max_size=40),
    ),
    max_size=30,
)


@given(turns)
def test_stays_between_calm_and_furious(turns: list[tuple[str, float, float, str]]) -> None:
    mood = CALM
    for label, probability, pause_s, text in turns:
        mood = advance(mood, felt(label, probability), seconds_since_last=pause_s, text=text)
        assert 0 <= mood.value <= 1
        assert len(mood.recent) <= 4
