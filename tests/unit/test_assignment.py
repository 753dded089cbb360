"""Who gets a waiting conversation, and the explanation stored with it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from routing.assignment import LEVEL_RANKS, Candidate, Waiting, choose

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def agent(number: int, **given: object) -> Candidate:
    values: dict[str, object] = {"agent_id": UUID(int=number), "name": f"客服{number}", "level": "agent"}
    return Candidate(**{**values, **given})  # type: ignore[arg-type]


def waiting(**given: object) -> Waiting:
    values: dict[str, object] = {"conversation_id": UUID(int=99), "language": "zh-Hans"}
    return Waiting(**{**values, **given})  # type: ignore[arg-type]


def chosen(wait: Waiting, *candidates: Candidate) -> int | None:
    found = choose(wait, candidates).agent_id
    return found.int if found else None


def why_left_out(wait: Waiting, *candidates: Candidate) -> dict[str, str]:
    return {c["name"]: c["why"] for c in choose(wait, candidates).explanation["left_out"]}


def test_the_agent_who_knows_the_customer_comes_first() -> None:
    wait = waiting(preferred_agent_id=UUID(int=2))
    assert chosen(wait, agent(1, load=0), agent(2, load=4)) == 2
    assert choose(wait, [agent(1), agent(2, load=4)]).explanation["rule"] == "preferred"


def test_a_preferred_agent_without_room_is_not_waited_for() -> None:
    assert chosen(waiting(preferred_agent_id=UUID(int=2)), agent(1), agent(2, load=5)) == 1


def test_a_preferred_agent_below_the_level_is_passed_over() -> None:
    wait = waiting(preferred_agent_id=UUID(int=1), required_level="senior")
    assert chosen(wait, agent(1), agent(2, level="senior")) == 2


def test_language_goes_before_load() -> None:
    english = agent(2, languages=frozenset({"en"}), load=4)
    assert chosen(waiting(language="en"), agent(1), english) == 2


def test_the_other_chinese_script_can_be_read() -> None:
    assert chosen(waiting(language="zh-Hant-HK"), agent(1)) == 1


def test_who_speaks_it_is_waited_for_when_on_duty() -> None:
    busy = agent(2, languages=frozenset({"en"}), load=5)
    assert chosen(waiting(language="en"), agent(1), busy) is None
    assert why_left_out(waiting(language="en"), agent(1), busy) == {"客服1": "language", "客服2": "no_room"}


def test_anybody_is_better_than_nobody_when_no_one_on_duty_speaks_it() -> None:
    assert chosen(waiting(language="en"), agent(1)) == 1


def test_skill_goes_before_load_and_no_skills_means_all() -> None:
    wait = waiting(skill="invoice")
    other = agent(1, skills=frozenset({"repair"}))
    assert chosen(wait, other, agent(2, skills=frozenset({"invoice"}), load=3)) == 2
    assert chosen(wait, other, agent(3, load=3)) == 3
    assert chosen(wait, other) == 1


def test_the_least_relative_load_wins() -> None:
    assert chosen(waiting(), agent(1, load=2, capacity=4), agent(2, load=3, capacity=10)) == 2


def test_of_equals_the_longest_idle_wins_and_who_never_had_one_first() -> None:
    busy_lately = agent(1, last_assigned_at=NOON)
    longer_ago = agent(2, last_assigned_at=NOON - timedelta(minutes=9))
    assert chosen(waiting(), busy_lately, longer_ago) == 2
    assert chosen(waiting(), busy_lately, longer_ago, agent(3)) == 3


def test_who_passed_is_asked_again_only_when_nobody_else_can() -> None:
    wait = waiting(passed_by=frozenset({UUID(int=1)}))
    assert chosen(wait, agent(1), agent(2, load=4)) == 2
    assert why_left_out(wait, agent(1), agent(2, load=4)) == {"客服1": "passed_before"}
    assert chosen(wait, agent(1), agent(2, load=5)) == 1


def test_a_supervisor_may_take_what_needs_a_senior() -> None:
    assert chosen(waiting(required_level="senior"), agent(1), agent(2, level="supervisor")) == 2


def test_nobody_is_an_answer_with_reasons() -> None:
    wait = waiting(required_level="supervisor")
    choice = choose(wait, [agent(1)])
    assert choice.agent_id is None
    assert choice.explanation["rule"] == "nobody"
    assert why_left_out(wait, agent(1)) == {"客服1": "level_too_low"}
    assert choose(wait, []).agent_id is None


numbers = st.integers(1, 6)
levels = st.sampled_from(sorted(LEVEL_RANKS))
languages = st.sampled_from(["zh-Hans", "zh-Hant-HK", "en"])
skills = st.sampled_from(["invoice", "repair", "return"])
candidates = st.lists(
    st.builds(
        Candidate,
        agent_id=numbers.map(lambda n: UUID(int=n)),
        name=st.just("小林"),
        level=levels,
        skills=st.frozensets(skills),
        languages=st.frozensets(languages),
        capacity=st.integers(0, 4),
        load=st.integers(0, 5),
        last_assigned_at=st.none() | st.integers(0, 100).map(lambda m: NOON - timedelta(minutes=m)),
    ),
    max_size=6,
    unique_by=lambda c: c.agent_id,
)
waits = st.builds(
    Waiting,
    conversation_id=st.just(UUID(int=99)),
    language=languages,
    required_level=levels,
    skill=st.just("") | skills,
    preferred_agent_id=st.none() | numbers.map(lambda n: UUID(int=n)),
    passed_by=st.frozensets(numbers.map(lambda n: UUID(int=n))),
)


@given(waits, candidates)
def test_never_over_capacity_and_never_below_the_required_level(
    wait: Waiting, on_duty: list[Candidate]
) -> None:
    choice = choose(wait, on_duty)
    for candidate in on_duty:
        if candidate.agent_id == choice.agent_id:
            assert candidate.load < candidate.capacity
            assert LEVEL_RANKS[candidate.level] >= LEVEL_RANKS[wait.required_level]
            return
    assert choice.agent_id is None


@given(waits, candidates, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_changes_nothing(wait: Waiting, on_duty: list[Candidate], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(on_duty)
    random.shuffle(shuffled)
    assert choose(wait, on_duty) == choose(wait, shuffled)


@given(waits, candidates)
def test_every_candidate_is_explained_once_and_as_json(wait: Waiting, on_duty: list[Candidate]) -> None:
    explanation = json.loads(json.dumps(choose(wait, on_duty).explanation))
    named = [c["agent_id"] for c in explanation["candidates"] + explanation["left_out"]]
    assert sorted(named) == sorted(str(c.agent_id) for c in on_duty)


@given(waits, candidates)
def test_somebody_is_chosen_when_anybody_fresh_speaks_it_with_room_and_level(
    wait: Waiting, on_duty: list[Candidate]
) -> None:
    able = [
        c
        for c in on_duty
        if c.load < c.capacity
        and LEVEL_RANKS[c.level] >= LEVEL_RANKS[wait.required_level]
        and wait.language in c.languages
    ]
    if able:
        assert choose(wait, on_duty).agent_id is not None
