"""The figures of evaluation.intents: what counts as right, what was seen before, and how examples are split."""

from __future__ import annotations

import pytest

from evaluation.intents import Labelled, f1_by_intent, figures, pipelines, read_examples, read_heldout, split


def labelled(text: str, intent: str, language: str = "zh-Hans") -> Labelled:
    return Labelled(text=text, intent=intent, language=language)


def test_f1_counts_what_was_missed_and_what_was_taken() -> None:
    found = f1_by_intent(["a", "a", "b", "b"], ["a", "b", "b", "b"])
    assert found == {"a": pytest.approx(2 / 3), "b": pytest.approx(0.8)}


def test_an_intent_that_nobody_meant_has_no_f1_but_costs_the_others() -> None:
    assert f1_by_intent(["a", "a"], ["a", "c"]) == {"a": pytest.approx(2 / 3)}


def test_what_falls_below_the_threshold_counts_as_unclear() -> None:
    found = figures([("nlu_fallback", 0.1, 1.0)], [], [labelled("那个", "unclear")])
    assert found["accuracy"] == 1.0 and found["unclear_recall"] == 1.0


def test_unseen_leaves_out_texts_that_stand_in_the_examples() -> None:
    trained = [labelled("你好！", "greet"), labelled("到哪了", "track_order")]
    asked = [labelled("你 好", "greet"), labelled("送到哪啦", "track_order", "zh-Hant-HK")]
    found = figures([("greet", 1.0, 1.0), ("greet", 1.0, 1.0)], trained, asked)
    assert found["accuracy"] == 0.5
    assert found["unseen"]["texts"] == 1 and found["unseen"]["accuracy"] == 0.0
    assert found["languages"]["zh-Hant-HK"]["accuracy"] == 0.0
    assert found["confused"] == {"track_order → greet": 1}


def test_near_duplicates_stay_on_one_side_of_a_split() -> None:
    long = [e for e in read_examples() if len(e.text) > 12][::40]
    again = [labelled(e.text + "啊", e.intent) for e in long]
    trained, asked = split([*long, *again])
    texts = {example.text for example in trained}
    assert trained and asked
    assert all((one.text in texts) == (other.text in texts) for one, other in zip(long, again, strict=True))


def test_a_split_asks_about_a_fifth() -> None:
    trained, asked = split(read_examples())
    assert 0.15 < len(asked) / (len(trained) + len(asked)) < 0.25
    assert {e.intent for e in asked} == {e.intent for e in trained}


def test_heldout_messages_have_the_intents_and_languages_of_the_examples() -> None:
    examples, heldout = read_examples(), read_heldout()
    assert len(heldout) >= 1000
    assert {e.intent for e in heldout} == {e.intent for e in examples}
    assert {e.language for e in heldout} == {"zh-Hans", "zh-Hant-HK", "en"}


def test_the_shipped_pipeline_comes_first_and_has_peers() -> None:
    assert next(iter(pipelines())) == "shipped"
    assert "DIETClassifier" in {c["name"] for c in pipelines()["DIET"]}
