"""When a new model counts as worse: beyond noise, or by more than a margin, on a guarded figure."""

from __future__ import annotations

from service.training.comparing import Asked, Change, Figure, compare, worse

MACRO = Figure(head="mood", kind="macro-F1", margin=0.02, language_margin=0.04)
RECALL = Figure(head="mood", kind="recall", label="angry", margin=0.03)
FALSE = Figure(head="mood", kind="false alarms", label="angry", margin=0.01)


def asked(angry: int, calm: int, language: str = "en") -> list[Asked]:
    wanted = ["angry"] * angry + ["calm"] * calm
    return [Asked(text=str(n), language=language, expected={"mood": w}) for n, w in enumerate(wanted)]


def given(asked: list[Asked], *, missed: int = 0, wrongly: int = 0) -> list[dict[str, str]]:
    """All right but for the first `missed` angry ones and the last `wrongly` calm ones."""
    found = [dict(a.expected) for a in asked]
    for one in found[:missed]:
        one["mood"] = "calm"
    for one in found[len(found) - wrongly :]:
        one["mood"] = "angry"
    return found


def of(changes: list[Change], figure: Figure, language: str = "all") -> Change:
    return next(c for c in changes if c.figure == figure and c.language == language)


def test_the_same_answers_are_not_worse() -> None:
    messages = asked(100, 300)
    same = given(messages, missed=7, wrongly=3)
    assert worse(compare([MACRO, RECALL, FALSE], messages, same, same)) == []


def test_a_fall_within_the_margin_and_within_noise_is_let_through() -> None:
    messages = asked(100, 300)
    changes = compare(
        [MACRO, RECALL, FALSE], messages, given(messages, missed=7), given(messages, missed=9, wrongly=1)
    )
    assert worse(changes) == []
    assert of(changes, RECALL).after < (of(changes, RECALL).before or 0)


def test_a_fall_beyond_the_margin_is_named() -> None:
    messages = asked(100, 300)
    changes = compare([RECALL], messages, given(messages, missed=7), given(messages, missed=11))
    assert [c.name for c in worse(changes)] == ["angry recall"]


def test_a_small_fall_that_is_beyond_noise_is_worse_too() -> None:
    messages = asked(5000, 5000)
    changes = compare([MACRO], messages, given(messages), given(messages, missed=60))
    found = of(worse(changes), MACRO)
    assert (found.before or 0) - found.after < MACRO.margin
    assert found.high < 0


def test_more_false_alarms_are_worse_and_fewer_are_not() -> None:
    messages = asked(100, 300)
    assert worse(compare([FALSE], messages, given(messages), given(messages, wrongly=6)))
    assert not worse(compare([FALSE], messages, given(messages, wrongly=6), given(messages)))


def test_a_language_alone_can_stop_a_model_but_not_by_a_recall_of_a_few_messages() -> None:
    messages = [*asked(60, 60, "en"), *asked(10, 60, "zh-Hans")]
    after = given(messages)
    for one in after[120:122]:
        one["mood"] = "calm"
    loose = Figure(head="mood", kind="macro-F1", margin=0.5, language_margin=0.04)
    rare = Figure(head="mood", kind="recall", label="angry", margin=0.5, language_margin=0.01)
    changes = compare([loose, rare], messages, given(messages), after)
    assert [c.name for c in worse(changes)] == ["mood macro-F1 (zh-Hans)"]


def test_without_a_model_before_there_are_figures_and_no_verdict() -> None:
    messages = asked(10, 30)
    changes = compare([MACRO], messages, None, given(messages))
    assert of(changes, MACRO).before is None
    assert of(changes, MACRO).after == 1.0
    assert worse(changes) == []
