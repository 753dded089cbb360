"""Which questions a change of the base could touch: phrasings of entries near it, pinned questions, questions outside.

A question that the changed entry does not come near to cannot be lost to it, so it is not asked. Chooses only;
knowledge_base/gate_asking.py asks.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from knowledge_base.changed_base import ChangedBase
from knowledge_base.encoder import Encoder
from knowledge_base.entries import read_outside
from knowledge_base.entry_index import EntryIndex
from knowledge_base.features import cut
from knowledge_base.gate import Question
from knowledge_base.outside import SHIPPED
from knowledge_base.published import LEXEMES, PublishedBase
from knowledge_base.ranking import rank
from knowledge_base.retrieval import Found, Query, Vector, make_query
from knowledge_base.search import query_form
from knowledge_base.text_normalisation import matching_form
from knowledge_base.weighing import Weighed, lexemes_of, weigh

MOST_QUESTIONS = 2_000
"""Phrasings that are looked at. A larger base is looked at where the search finds entries near the change."""
MOST_OF_AN_ENTRY = 24
"""Of those, when not all are looked at."""
MOST_OUTSIDE = 40
"""Questions outside the base that are asked: those that the change comes nearest to."""
REACH = 6.0
"""Log-odds below the right entry from which on another candidate moves no probability: the features' odds end at 5."""
LEAST_SHARPNESS = 20.0
"""Before the first fit scores are not known to tell much; more reach would ask nearly everything."""
MEANT = 0.5
"""Likeness of words from which on a phrasing means a question that was outside: half of them and more are the same."""
MEANT_OTHERWISE = 0.7
"""Likeness of meaning from which on it does so in other words."""
COPIED = 0.8
"""Likeness of words and of meaning from which on a new phrasing is another entry's in hardly other words. Of the shipped
phrasings, which nobody copied, one in 150 is so near to another entry's."""
NEARER = 0.01
"""A published entry must score at least so much more than before; less moves no probability either."""

COUNT = "select count(*) from knowledge_phrasings"
PHRASINGS = """
select entry, language, text from knowledge_phrasings
where not is_title and (%(entries)s::text[] is null or entry = any(%(entries)s)) order by id
"""
PINNED = "select question, language, context, expected from knowledge_pinned order by at, id"


async def read_questions(
    conn: AsyncConnection[Any], base: PublishedBase, changed: ChangedBase, encoder: Encoder
) -> list[Question]:
    """The questions worth asking, in a fixed order: pinned, phrasings, outside, then the change's own new phrasings: as
    what they are copied from, and as its own."""
    phrasings = await _read_phrasings(conn, base, changed, encoder)
    outside = _outside() if base.calibration.examples else []  # before the first fit everything is asked back
    nearness = await _read_nearness(conn, base, changed, [*phrasings, *outside], encoder)
    near = await asyncio.to_thread(nearness.near, phrasings)
    far_out = await asyncio.to_thread(nearness.nearest_outside, outside)
    own = _own_phrasings(changed, phrasings)
    copied = await _read_copied(conn, base, changed, own, encoder)
    return [*await _read_pinned(conn), *near, *far_out, *copied, *own]


def _outside() -> list[Question]:
    return [
        Question(kind="outside", text=text, language=language, expected=None)
        for language, texts in read_outside(SHIPPED).items()
        for text in texts
    ]


async def _read_pinned(conn: AsyncConnection[Any]) -> list[Question]:
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(PINNED)
        return [
            Question(kind="pinned", text=text, language=language, context=context, expected=expected)
            for text, language, context, expected in await cursor.fetchall()
        ]


async def _read_phrasings(
    conn: AsyncConnection[Any], base: PublishedBase, changed: ChangedBase, encoder: Encoder
) -> list[Question]:
    row = await (await conn.execute(COUNT)).fetchone()
    entries = None
    if row is not None and row[0] > MOST_QUESTIONS:
        entries = await _neighbours(conn, base, changed, encoder)
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(PHRASINGS, {"entries": entries})
        rows = await cursor.fetchall()
    questions = [
        Question(kind="phrasing", text=text, language=language, expected=entry, held_back=True)
        for entry, language, text in rows
    ]
    return questions if entries is None else _sampled(questions, entries)


async def _neighbours(
    conn: AsyncConnection[Any], base: PublishedBase, changed: ChangedBase, encoder: Encoder
) -> list[str]:
    """Published entries that the search finds for the change's own phrasings, the most often found first."""
    found: Counter[str] = Counter({id_: 10_000 for id_ in changed.indexes})
    for index in changed.indexes.values():
        for form in index.phrasings.forms:
            found.update((await base.find(conn, make_query(form, encoder))).candidates)
    return [entry for entry, _ in found.most_common()]


def _sampled(questions: Sequence[Question], entries: Sequence[str]) -> list[Question]:
    """Of each entry evenly, the nearest entries first, until there are enough."""
    by_entry: dict[str, list[Question]] = {}
    for question in questions:
        by_entry.setdefault(str(question.expected), []).append(question)
    taken: list[Question] = []
    for entry in entries:
        asked = by_entry.get(entry, [])
        step = max(1, -(-len(asked) // MOST_OF_AN_ENTRY))
        taken += asked[::step]
    return taken[:MOST_QUESTIONS]


async def _read_copied(
    conn: AsyncConnection[Any],
    base: PublishedBase,
    changed: ChangedBase,
    own: Sequence[Question],
    encoder: Encoder,
) -> list[Question]:
    """New phrasings that another entry has in hardly other words: what customers mean by them is answered already."""
    copied = []
    for question in own:
        query = make_query(query_form(question.text), encoder)
        found = await base.find(conn, query)
        others = [id_ for id_ in found.candidates if id_ not in changed.indexes]
        weighed = weigh(query, found)
        compared = [index.compare(weighed) for index in (await base.entries(conn, others)).values()]
        near = max(((min(c.words, c.meaning), c.entry) for c in compared), default=(0.0, ""))
        if near[0] >= COPIED:
            copied.append(replace(question, expected=near[1], held_back=False))
    return copied


def _own_phrasings(changed: ChangedBase, phrasings: Sequence[Question]) -> list[Question]:
    """Phrasings that only the change has; they can be gained, never lost."""
    known = {(q.expected, q.text) for q in phrasings}
    return [
        Question(kind="phrasing", text=text, language=language, expected=id_, held_back=True)
        for id_, index in changed.indexes.items()
        for language, texts in index.entry.phrasings.items()
        for text in texts
        if (id_, text) not in known
    ]


@dataclass(frozen=True, kw_only=True)
class _Nearness:
    """Compares questions with the changed entries and with the entry that should answer, without a search."""

    base: PublishedBase
    changed: ChangedBase
    published: Mapping[str, EntryIndex]
    weighed: Mapping[str, Weighed]
    forms: Mapping[str, str]

    def near(self, questions: Sequence[Question]) -> list[Question]:
        """Questions of changed entries, and those that a changed entry comes near enough to take."""
        return [q for q in questions if q.expected in self.changed.indexes or self._comes_near(q)]

    def nearest_outside(self, questions: Sequence[Question]) -> list[Question]:
        """Those that a changed entry comes nearest to, and does not mean to answer."""
        scored = [(self._score(q), n, q) for n, q in enumerate(questions) if not self._is_meant(q)]
        near = sorted((-score, n, q) for score, n, q in scored if score is not None)
        return [q for _, _, q in near[:MOST_OUTSIDE]]

    def _is_meant(self, question: Question) -> bool:
        """Somebody has written it down in hardly other words: it is inside the base from now on."""
        weighed = self.weighed[question.text]
        compared = [index.compare(weighed) for index in self.changed.indexes.values()]
        return any(c.words >= MEANT or c.meaning >= MEANT_OTHERWISE for c in compared)

    def _comes_near(self, question: Question) -> bool:
        score = self._score(question)
        if score is None:
            return False
        owner = self.published.get(str(question.expected))
        kept = owner.without(self.forms[question.text]) if owner is not None else None
        if kept is None:
            return True
        return score > self._scores([kept], question)[0] - REACH / max(
            LEAST_SHARPNESS, self.base.calibration.sharpness
        )

    def _score(self, question: Question) -> float | None:
        """The best changed entry's; None where no changed entry has come nearer than it was."""
        best = None
        for id_, index in self.changed.indexes.items():
            score = self._scores([index], question)[0]
            before = self.published.get(id_)
            if before is None or score > self._scores([before], question)[0] + NEARER:
                best = score if best is None else max(best, score)
        return best

    def _scores(self, indexes: Sequence[EntryIndex], question: Question) -> list[float]:
        compared = [index.compare(self.weighed[question.text]) for index in indexes]
        return [rank([c], self.base.calibration.ranking_array)[0].score for c in compared]


async def _read_nearness(
    conn: AsyncConnection[Any],
    base: PublishedBase,
    changed: ChangedBase,
    questions: Sequence[Question],
    encoder: Encoder,
) -> _Nearness:
    """With the words of all questions weighed, and their vectors computed, at once."""
    texts = list(dict.fromkeys(q.text for q in questions))
    owners = {q.expected for q in questions if q.expected is not None}
    published = await base.entries(conn, [*owners, *changed.indexes])
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(LEXEMES, (list(lexemes_of(texts)),))
        rarity: dict[int, int] = dict(await cursor.fetchall())

    def weighed() -> dict[str, Weighed]:
        forms = [query_form(text) for text in texts]
        vectors: Iterable[Vector] = encoder.encode(forms) if forms else ()
        return {t: _weighed(form, v, base, rarity) for t, form, v in zip(texts, forms, vectors, strict=True)}

    return _Nearness(
        base=base,
        changed=changed,
        published=published,
        weighed=await asyncio.to_thread(weighed),
        forms={text: matching_form(text) for text in texts},
    )


def _weighed(form: str, vector: Vector, base: PublishedBase, rarity: Mapping[int, int]) -> Weighed:
    query = Query(form=form, said=form, cut=cut(form), vector=vector)
    known = {piece: rarity[piece] for piece in query.cut.numbers.tolist() if piece in rarity}
    return weigh(query, Found(versions=base.versions, rarity=known, by_words=(), by_meaning=()))
