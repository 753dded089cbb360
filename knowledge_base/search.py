"""Search over the entries: the best candidates, how likely the top one answers, and what to do: answer, ask, decline.

In memory over phrasings; a later version searches PostgreSQL behind the same Protocol. Writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from knowledge_base.calibration import FILE, Calibration, StaleCalibration, features_of, load_calibration
from knowledge_base.entries import PLACEHOLDER, Content, Entry, Facts, load_content
from knowledge_base.errors import UnknownEntry, UnknownLanguage
from knowledge_base.phrasing_index import PhrasingIndex, Scores
from knowledge_base.policy import LANGUAGES, Language, Policy
from knowledge_base.questions import asks_or_needs, is_statement, small_talk_removed
from knowledge_base.text_normalisation import matching_form

CANDIDATES = 3
FOLLOW_UP_BONUS = 0.12
"""Added to the score of entries related to the previous one when a short text follows it («那运费呢»)."""
FOLLOW_UP_LENGTH = 10
SPEAKS_OF_THE_BASE = 0.3
"""A sentence without words of asking is still a question when its nearest phrasing is at least this near."""


VERBATIM_PROBABILITY = 0.97
"""At least this where the message is a phrasing word for word: no phrasing stands in two entries."""


Outcome = Literal["answer", "ask", "decline"]
"""What the bot should do with a question."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An entry that may answer, the probability that it does, and the phrasing that led there."""

    entry: str
    probability: float
    phrasing: str
    title: str


@dataclass(frozen=True, kw_only=True)
class SearchOutcome:
    """`answers` are texts ready to be said, `answered` their entries: one with outcome answer, else none.
    `candidates` come best first."""

    outcome: Outcome
    probability: float
    candidates: tuple[Candidate, ...]
    answers: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()


class KnowledgeBase(Protocol):
    """What the bot needs of a knowledge base. Implementations are safe to call from several threads."""

    def search(
        self, text: str, *, language: str, context: str | None = None, customer: Facts | None = None
    ) -> SearchOutcome:
        """Candidates and outcome for one message; any text is allowed. `context` is the entry answered last,
        `customer` what is known of customer and order (entries.CONDITIONS). Raises UnknownLanguage."""
        ...

    def is_question(self, text: str) -> bool:
        """False for thanks, greetings, confirmations and facts given, which are not to be searched."""
        ...

    def render(self, entry_id: str, language: str, facts: Facts) -> str:
        """The entry's answer for these facts, figures filled in. Raises UnknownEntry."""
        ...

    def title(self, entry_id: str, language: str) -> str:
        """The entry's title, as shown on a button. Raises UnknownEntry."""
        ...


class PhrasingSearch:
    """A KnowledgeBase over one content folder, wholly in memory. Nothing changes after construction."""

    def __init__(
        self,
        content: Content,
        calibration: Calibration,
        *,
        answer_probability: float = 0.8,
        ask_probability: float = 0.25,
    ) -> None:
        if calibration.content_hash != content.hash:
            raise StaleCalibration(
                f"{FILE} belongs to other content ({calibration.content_hash}, not {content.hash}). "
                "Run `python -m knowledge_base.calibration_training`."
            )
        self._content = content
        self._calibration = calibration
        self._answer_probability = answer_probability
        self._ask_probability = ask_probability
        self._entries: tuple[Entry, ...] = tuple(content.entries.values())
        self._number = {entry.id: n for n, entry in enumerate(self._entries)}
        self._phrasings, owners = phrasings_of(self._entries)
        forms = [matching_form(phrasing) for phrasing in self._phrasings]
        self._index = PhrasingIndex(forms, owners, len(self._entries))
        self._forms = frozenset(forms)

    @property
    def content_hash(self) -> str:
        """Which content this is."""
        return self._content.hash

    def search(
        self, text: str, *, language: str, context: str | None = None, customer: Facts | None = None
    ) -> SearchOutcome:
        """As the Protocol says. A text in which nothing can be found is declined with probability 0."""
        language = known_language(language)
        form = query_form(text)
        scores = self._index.score(form)
        if not form or float(scores.entries.max(initial=0.0)) <= 0:
            return SearchOutcome(outcome="decline", probability=0.0, candidates=())
        scores = self._with_context(scores, form, context)
        probability = self._calibration.probability(features_of(scores, form))
        if form in self._forms:
            probability = max(probability, VERBATIM_PROBABILITY)
        candidates = self._candidates(scores, probability, language)
        outcome = self._outcome(probability)
        answered = (candidates[0].entry,) if outcome == "answer" else ()
        return SearchOutcome(
            outcome=outcome,
            probability=probability,
            candidates=candidates,
            answers=tuple(self.render(entry, language, customer or {}) for entry in answered),
            answered=answered,
        )

    def is_question(self, text: str) -> bool:
        """As the Protocol says."""
        if is_statement(text):
            return False
        if asks_or_needs(text):
            return True
        scores = self._index.score(query_form(text))
        return float(scores.phrasings.max(initial=0.0)) >= SPEAKS_OF_THE_BASE

    def render(self, entry_id: str, language: str, facts: Facts) -> str:
        """As the Protocol says."""
        language = known_language(language)
        return interpolated(self._entry(entry_id).template(language, facts), self._content.policy, language)

    def title(self, entry_id: str, language: str) -> str:
        """As the Protocol says."""
        return self._entry(entry_id).title[known_language(language)]

    @property
    def policy(self) -> Policy:
        """The policy table that the answers speak of."""
        return self._content.policy

    @property
    def entries(self) -> Mapping[str, Entry]:
        """All entries by id."""
        return self._content.entries

    def _entry(self, entry_id: str) -> Entry:
        if entry_id not in self._content.entries:
            raise UnknownEntry(f"There is no entry {entry_id!r} in the knowledge base.")
        return self._content.entries[entry_id]

    def _outcome(self, probability: float) -> Outcome:
        if probability >= self._answer_probability:
            return "answer"
        return "ask" if probability >= self._ask_probability else "decline"

    def _with_context(self, scores: Scores, form: str, previous: str | None) -> Scores:
        if previous is None or previous not in self._content.entries or len(form) > FOLLOW_UP_LENGTH:
            return scores
        entries = scores.entries.copy()
        for related in self._content.entries[previous].related:
            if entries[self._number[related]] > 0:
                entries[self._number[related]] += FOLLOW_UP_BONUS
        return Scores(
            entries=entries, nearest=scores.nearest, phrasings=scores.phrasings, coverage=scores.coverage
        )

    def _candidates(self, scores: Scores, top: float, language: Language) -> tuple[Candidate, ...]:
        order = np.argsort(-scores.entries, kind="stable")[:CANDIDATES]
        order = order[scores.entries[order] > 0]
        shares = np.exp(12 * (scores.entries[order] - scores.entries[order[0]]))
        rest = max(float(shares[1:].sum()), 1e-9)
        return tuple(
            Candidate(
                entry=self._entries[n].id,
                probability=round(
                    top if rank == 0 else min(top, (1 - top) * float(shares[rank]) / max(rest, 1.0)), 4
                ),
                phrasing=self._phrasings[int(scores.nearest[n])],
                title=self._entries[n].title[language],
            )
            for rank, n in enumerate(order)
        )


def load_knowledge_base(
    folder: Path, *, answer_probability: float = 0.8, ask_probability: float = 0.25
) -> PhrasingSearch:
    """Load, check and index a content folder (about 0.4 s). Raises ContentError, StaleCalibration."""
    return PhrasingSearch(
        load_content(folder),
        load_calibration(folder / FILE),
        answer_probability=answer_probability,
        ask_probability=ask_probability,
    )


def known_language(language: str) -> Language:
    """The language by its code. Raises UnknownLanguage."""
    for known in LANGUAGES:
        if known == language:
            return known
    raise UnknownLanguage(f"{language!r} is not a language of the base; known: {', '.join(LANGUAGES)}.")


def query_form(text: str) -> str:
    """A message in matching form, greetings and thanks taken off unless nothing else is there."""
    form = matching_form(text)
    return small_talk_removed(form) or form


def phrasings_of(entries: Sequence[Entry]) -> tuple[list[str], list[int]]:
    """All phrasings and titles in the order of their entries, with the number of the entry each belongs to."""
    texts: list[str] = []
    owners: list[int] = []
    for n, entry in enumerate(entries):
        own = [p for language in LANGUAGES for p in entry.phrasings.get(language, ())]
        own += [entry.title[language] for language in LANGUAGES]
        texts += own
        owners += [n] * len(own)
    return texts, owners


def interpolated(template: str, policy: Policy, language: Language) -> str:
    """The text with every {figure} written out; {figure:number} leaves the unit away."""

    def figure(match: re.Match[str]) -> str:
        name, _, form = match.group(1).partition(":")
        return policy.figure(name).written(language, with_unit=form != "number")

    return PLACEHOLDER.sub(figure, template)
