"""What a search comes to, and its small pure parts.

The search itself: knowledge_base/live.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge_base.costs import Outcome
from knowledge_base.entries import PLACEHOLDER
from knowledge_base.errors import UnknownLanguage
from knowledge_base.policy import LANGUAGES, Language, Policy
from knowledge_base.questions import lead_in_removed, small_talk_removed
from knowledge_base.text_normalisation import matching_form


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An entry that may answer, the probability that it does, the phrasing that led there, and how near it is."""

    entry: str
    probability: float
    phrasing: str
    title: str
    score: float = 0.0


@dataclass(frozen=True, kw_only=True)
class SearchOutcome:
    """`answers` are texts ready to be said, `answered` their entries in the order asked: one or more with outcome answer,
    else none; `languages` those that the answers are written in, where an entry lacks the one asked for.

    `candidates` come best first. `is_question` is False for thanks, greetings, confirmations and facts given: they
    are declined, and nobody should say «I do not know» to them. `is_verbatim`: the first candidate has the very words.
    """

    outcome: Outcome
    probability: float
    candidates: tuple[Candidate, ...] = ()
    answers: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    is_question: bool = True
    is_verbatim: bool = False


NOTHING_FOUND = SearchOutcome(outcome="decline", probability=0.0)
NOT_A_QUESTION = SearchOutcome(outcome="decline", probability=0.0, is_question=False)


def known_language(language: str) -> Language:
    """The language by its code. Raises UnknownLanguage."""
    for known in LANGUAGES:
        if known == language:
            return known
    raise UnknownLanguage(f"{language!r} is not a language of the base; known: {', '.join(LANGUAGES)}.")


def query_form(text: str) -> str:
    """A message in matching form; greetings, thanks and lead-ins taken off unless nothing else is there."""
    form = matching_form(text)
    return lead_in_removed(small_talk_removed(form) or form)


def interpolated(template: str, policy: Policy, language: Language) -> str:
    """The text with every {figure} written out; {figure:number} leaves the unit away."""

    def figure(match: re.Match[str]) -> str:
        name, _, form = match.group(1).partition(":")
        return policy.figure(name).written(language, with_unit=form != "number")

    return PLACEHOLDER.sub(figure, template)
