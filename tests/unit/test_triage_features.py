"""Where features stand in a text: plain searching finds what the pattern of a feature would find."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from routing.triage_features import spans

PATTERNS = {
    "c": "{}",
    "w": r"(?<![a-z\d]){}(?![a-z\d])",
    "p": r"(?<![a-z\d]){}[a-z']*",
}
LETTERS = "aab'0 1三天"


@given(
    folded=st.text(LETTERS, max_size=20),
    kind=st.sampled_from(sorted(PATTERNS)),
    body=st.text(LETTERS, min_size=1, max_size=4),
)
def test_spans_are_those_of_the_pattern(folded: str, kind: str, body: str) -> None:
    pattern = PATTERNS[kind].format(re.escape(body))
    assert spans(folded, f"{kind}:{body}") == [found.span() for found in re.finditer(pattern, folded)]


def test_marks_stand_nowhere() -> None:
    assert spans("m:insists", "m:insists") == []
