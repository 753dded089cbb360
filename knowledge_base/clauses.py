"""Several questions in one message («怎么退 运费谁出»): where it comes apart, and when its parts are answered one by one.

Customers leave marks out, so a space, a conjunction or a question's last word may part two questions; and a premise in
front of a question («还没发货 能改地址吗») is none of its own. The searches of the parts: knowledge_base/live.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge_base.questions import asks, asks_or_needs, is_statement
from knowledge_base.search import Candidate, SearchOutcome
from knowledge_base.text_normalisation import matching_form, without_clutter

MOST_PARTS = 4
"""Questions of one message that are looked at; who writes more wants a person."""
SHORTEST = 2
"""Characters of a part's matching form."""
MOST_CANDIDATES = 3

_CHINESE = r"[\u3400-\u9fff]"
_BREAK = re.compile(
    r"(?<!\d)[,，;；、](?!\d)|[。.!！?？…~～\n]+(?!\d)"
    rf"|(?<={_CHINESE})\s+(?={_CHINESE})"
    rf"|(?<=[吗嗎呢么麼呀啊谁誰久少天钱錢俾])\s*(?=(?:还有|還有|另外|顺便|順便|同埋|以及|然后|然後|而且){_CHINESE})"
    r"|\s+(?=(?:另外|还有|還有|顺便|順便|同埋|以及)[\u3400-\u9fff])"
    r"|\s+(?=(?:and|also|plus|but)\s+(?:also\s+)?(?:how|what|when|where|who|why|which|can|could|do|does|did|is|are|will|would|should"
    r"|may|am|i|my|the|one|send|please|it|for)\b)"
)


def questions_of(text: str) -> list[str]:
    """The parts that ask or need something, in order; fewer than two where the message is one question or none."""
    plain = without_clutter(text)
    parts = [part.strip() for part in _BREAK.sub(lambda m: f"{m.group()}\x1f", plain).split("\x1f")]
    parts = [part for part in parts if len(matching_form(part)) >= SHORTEST]
    if len(parts) < 2:
        return parts
    return [part for part in parts if asks_or_needs(part) and not is_statement(part)][:MOST_PARTS]


def is_one_question(whole: SearchOutcome, parts: Sequence[str]) -> bool:
    """Whether `together` would take the whole message's outcome, whatever its parts come to."""
    if len(parts) < 2 or whole.is_verbatim:
        return True
    return whole.outcome == "answer" and sum(map(asks, parts)) < 2


def together(whole: SearchOutcome, parts: Sequence[str], found: Sequence[SearchOutcome]) -> SearchOutcome:
    """One outcome of a message and of its parts: several answers where at least two parts are sure of different entries.

    A message that is sure by itself stays one question, unless it names one of theirs and two of them ask in plain words:
    the others are premises of it.
    """
    sure: dict[str, SearchOutcome] = {}
    asking = 0
    for part, outcome in zip(parts, _in_the_light_of(whole, found), strict=True):
        if outcome.outcome == "answer" and outcome.answered[0] not in sure:
            sure[outcome.answered[0]] = outcome
            asking += asks(part)
    if len(sure) < 2 or (whole.outcome == "answer" and (whole.answered[0] not in sure or asking < 2)):
        return whole
    return _several(list(sure.values()))


def _in_the_light_of(whole: SearchOutcome, found: Sequence[SearchOutcome]) -> list[SearchOutcome]:
    """A part that may mean what the whole message is sure of means it, unless another part says so itself: in «怎么退
    运费谁出» the freight is the return's."""
    if whole.outcome != "answer" or any(whole.answered == outcome.answered for outcome in found):
        return list(found)
    meant = whole.answered[0]
    return [
        whole
        if outcome.outcome == "answer" and any(c.entry == meant for c in outcome.candidates)
        else outcome
        for outcome in found
    ]


def _several(found: Sequence[SearchOutcome]) -> SearchOutcome:
    """As sure as the least sure of them."""
    best = [outcome.candidates[0] for outcome in found]
    rest = [candidate for outcome in found for candidate in outcome.candidates[1:]]
    candidates: dict[str, Candidate] = {}
    for candidate in (*best, *sorted(rest, key=lambda c: -c.probability)):
        candidates.setdefault(candidate.entry, candidate)
    kept = list(candidates.values())[: max(len(best), MOST_CANDIDATES)]
    return SearchOutcome(
        outcome="answer",
        probability=min(outcome.probability for outcome in found),
        candidates=tuple(sorted(kept, key=lambda c: -c.probability)),
        answers=tuple(answer for outcome in found for answer in outcome.answers),
        answered=tuple(entry for outcome in found for entry in outcome.answered),
        languages=tuple(language for outcome in found for language in outcome.languages),
    )
