"""The intent classifier on a few examples: white space and clutter change nothing, files survive, odd texts are taken."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml

from bot.components.intent_model import IntentModel, fit
from bot.rasa_places import PROGRAM
from knowledge_base.encoder import Encoder, load_encoder

INTENTS = ("track_order", "thanks", "request_refund", "inform", "unclear", "out_of_scope", "cancel_order")


def examples(intents: Sequence[str]) -> list[tuple[str, str]]:
    return [
        (line.removeprefix("- "), block["intent"])
        for path in sorted((PROGRAM / "nlu_data").glob("*.yml"))
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        if block["intent"] in intents
        for line in block["examples"].splitlines()
    ]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def model(encoder: Encoder) -> IntentModel:
    texts, intents = zip(*examples(INTENTS), strict=True)
    return fit(texts, intents, encoder)


PLAIN = [
    ("我的order到哪了", "track_order"),
    ("帮我 refund 这个 order", "request_refund"),
    ("我想cancel张order", "cancel_order"),
    ("order_1 到哪里了", "track_order"),
    ("thank you so much 谢谢", "thanks"),
    ("退款退款", "request_refund"),
]


@pytest.mark.parametrize(("text", "intent"), PLAIN)
def test_mixed_texts_are_understood(model: IntentModel, encoder: Encoder, text: str, intent: str) -> None:
    assert model.rank(text, encoder)[0][0] == intent


@pytest.mark.parametrize("text", [text for text, _ in PLAIN])
@pytest.mark.parametrize(
    "clutter",
    [
        lambda t: t.replace(" ", "\u3000"),  # full width
        lambda t: t.replace(" ", "\t"),
        lambda t: t.replace(" ", "   "),
        lambda t: t.replace(" ", "\u00a0"),
        lambda t: f"  \n{t}\u3000 ",
        lambda t: t.replace("到", " 到 ").replace("退", "\u3000退 "),  # between Chinese characters
        lambda t: t.replace(" ", "\0"),
        lambda t: t + "😀🙏",
        lambda t: t.replace(" ", " \u200b"),
        lambda t: t.upper().replace("ORDER_", "order_"),
    ],
    ids=[
        "full width",
        "tab",
        "double",
        "no-break",
        "around",
        "within Chinese",
        "NUL",
        "emoji",
        "zero width",
        "capitals",
    ],
)
def test_white_space_and_clutter_change_no_intent(
    model: IntentModel, encoder: Encoder, text: str, clutter
) -> None:
    assert model.rank(clutter(text), encoder)[0][0] == model.rank(text, encoder)[0][0]


def test_script_and_dialect_change_no_intent(model: IntentModel, encoder: Encoder) -> None:
    for one, other in (
        ("我的包裹到哪里了", "我的包裹到哪裡了"),
        ("帮我取消订单", "幫我取消訂單"),
        ("订单几时到", "訂單幾時到"),
    ):
        assert model.rank(one, encoder)[0][0] == model.rank(other, encoder)[0][0]


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "😀", "？", "???", "\ud83d", "ขอบคุณครับ", "a" * 10_000, "退" * 10_000]
)
def test_odd_texts_get_probabilities_in_bounded_time(model: IntentModel, encoder: Encoder, text: str) -> None:
    start = time.perf_counter()
    ranked = model.rank(text, encoder)
    assert time.perf_counter() - start < 0.5
    assert sum(p for _, p in ranked) == pytest.approx(1, abs=1e-5)
    assert all(0 <= p <= 1 for _, p in ranked)


def test_signs_alone_are_unclear(model: IntentModel, encoder: Encoder) -> None:
    assert [model.rank(t, encoder)[0][0] for t in ("？", "...", "?!")] == ["unclear"] * 3


def test_a_saved_model_answers_as_before(model: IntentModel, encoder: Encoder, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = IntentModel.load(tmp_path)
    for text, _ in PLAIN:
        assert loaded.rank(text, encoder) == model.rank(text, encoder)
    assert loaded.encoder_hash == encoder.hash


def test_a_model_of_another_format_is_refused(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    names = (tmp_path / "intent_names.json").read_text()
    (tmp_path / "intent_names.json").write_text(names.replace('"format": 1', '"format": 99'))
    with pytest.raises(ValueError, match="anxin train"):
        IntentModel.load(tmp_path)


def test_the_same_examples_give_the_same_weights(encoder: Encoder) -> None:
    texts, intents = zip(*examples(("thanks", "unclear")), strict=True)
    one, other = fit(texts, intents, encoder), fit(texts, intents, encoder)
    assert np.array_equal(one.weights, other.weights) and one.sharpness == other.sharpness


def test_two_intents_are_enough(encoder: Encoder) -> None:
    texts, intents = zip(*examples(("thanks", "track_order")), strict=True)
    small = fit(texts, intents, encoder)
    assert small.rank("谢谢您呀", encoder)[0][0] == "thanks"
    assert small.rank("快递到哪里了", encoder)[0][0] == "track_order"
