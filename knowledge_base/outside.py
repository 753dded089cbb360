"""Questions known to lie outside any after-sales base, and how near a message is to them.

A message that is as near to one of these as to its best entry is probably none of the base's; the calibration learns
how much that says. The questions are few and ship with the program, so they are kept in memory, not in PostgreSQL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge_base.encoder import Encoder
from knowledge_base.entries import read_outside
from knowledge_base.entry_index import NEAREST_FEW
from knowledge_base.features import cut
from knowledge_base.search import query_form
from knowledge_base.weighing import Rarity, Weighed
from knowledge_base.word_rows import Pieces, word_rows

SHIPPED = Path(__file__).parent / "content" / "outside.yml"


@dataclass(frozen=True, kw_only=True)
class Nearness:
    """Of a query to the outside questions: the nearest by words and by meaning, and the mean of the nearest few."""

    words: float
    meaning: float
    meaning_few: float


NOWHERE_NEAR = Nearness(words=0.0, meaning=0.0, meaning_few=0.0)


class OutsideQuestions:
    """Nothing of it changes after construction."""

    def __init__(self, texts: Sequence[str], encoder: Encoder) -> None:
        self.texts = tuple(texts)
        self._forms = [query_form(text) for text in texts]
        pieces = Pieces.of([cut(form) for form in self._forms])
        rarity = Rarity(entries=len(texts), entries_with=Counter(pieces.numbers.tolist()))
        [self._words] = word_rows([pieces], rarity)
        self._vectors = encoder.encode(self._forms)

    def nearness(self, weighed: Weighed, *, without: str | None = None) -> Nearness:
        """`without`: a matching form that is not looked at (calibration)."""
        if not self._forms:
            return NOWHERE_NEAR
        words = self._words.compared(weighed).texts
        meaning = self._vectors @ weighed.query.vector
        if without is not None:
            kept = np.asarray([form != without for form in self._forms])
            words, meaning = words[kept], meaning[kept]
        few = np.partition(meaning, -NEAREST_FEW)[-NEAREST_FEW:] if len(meaning) > NEAREST_FEW else meaning
        return Nearness(
            words=float(words.max(initial=0.0)),
            meaning=float(few.max(initial=-1.0)),
            meaning_few=float(few.mean()) if len(few) else -1.0,
        )


def shipped_outside(encoder: Encoder) -> OutsideQuestions:
    """Those of the program, ready to be compared; takes a few tenths of a second."""
    return OutsideQuestions([text for texts in read_outside(SHIPPED).values() for text in texts], encoder)
