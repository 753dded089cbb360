"""Fits the calibration to a content folder: `python -m knowledge_base.calibration_training [folder]`.

Questions are the phrasings themselves, each searched with itself left out; what is outside are questions whose whole
entry is left out and those of outside.yml. Refit after every change of phrasings; tests hold the hash.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from knowledge_base.calibration import FEATURES, FILE, Calibration, features_of
from knowledge_base.entries import Content, load_content
from knowledge_base.phrasing_index import Floats, PhrasingIndex, Scores
from knowledge_base.search import phrasings_of, query_form
from knowledge_base.text_normalisation import matching_form

OUTSIDE_SHARE = 0.25
"""Of what customers ask a knowledge base, about a quarter lies outside (CUSTOMERS: before buying, other parts)."""
ENTRY_LEFT_OUT_SHARE = 0.4
"""Of the weight of outside questions, the part that questions with their whole entry left out carry."""


def fit(content: Content) -> Calibration:
    """A calibration for this content; the same content gives the same numbers."""
    from sklearn.linear_model import LogisticRegression

    examples = list(_inside(content))
    whole = list(_entry_left_out(content))
    outside = list(_outside(content))
    features = np.asarray([f for f, _ in examples] + whole + outside)
    right = np.asarray([r for _, r in examples] + [False] * (len(whole) + len(outside)))
    outside_weight = len(examples) * OUTSIDE_SHARE / (1 - OUTSIDE_SHARE)
    left_out_share = ENTRY_LEFT_OUT_SHARE if outside else 1.0
    weights = np.concatenate(
        [
            np.ones(len(examples)),
            np.full(len(whole), outside_weight * left_out_share / max(1, len(whole))),
            np.full(len(outside), outside_weight * (1 - left_out_share) / max(1, len(outside))),
        ]
    )
    model = LogisticRegression(C=10.0, max_iter=2000).fit(features, right, sample_weight=weights)
    return Calibration(
        content_hash=content.hash,
        features=FEATURES,
        weights=tuple(float(w) for w in model.coef_[0]),
        intercept=float(model.intercept_[0]),
        examples=len(right),
    )


def _inside(content: Content) -> Iterator[tuple[Floats, bool]]:
    """Each phrasing searched in an index without it: features, and whether its entry came first."""
    for text, owner, scores in _left_out_one_by_one(content):
        yield features_of(scores, query_form(text)), int(scores.entries.argmax()) == owner


def _left_out_one_by_one(content: Content, folds: int = 12) -> Iterator[tuple[str, int, Scores]]:
    """In folds, so that the whole-entry vectors do not know the phrasing either."""
    texts, owners = phrasings_of(tuple(content.entries.values()))
    forms = [matching_form(t) for t in texts]
    titles = {t for e in content.entries.values() for t in e.title.values()}
    for fold in range(folds):
        kept = [n for n in range(len(texts)) if n % folds != fold]
        index = PhrasingIndex([forms[n] for n in kept], [owners[n] for n in kept], len(content.entries))
        for n in range(fold, len(texts), folds):
            if texts[n] not in titles:
                yield texts[n], owners[n], index.score(query_form(texts[n]))


def _entry_left_out(content: Content, every: int = 3) -> Iterator[Floats]:
    """Every third phrasing searched with its whole entry gone: what a missing topic looks like."""
    entries = tuple(content.entries.values())
    texts, owners = phrasings_of(entries)
    index = PhrasingIndex([matching_form(t) for t in texts], owners, len(entries))
    for n in range(0, len(texts), every):
        scores = index.score(query_form(texts[n]))
        keep = scores.entries.copy()
        keep[owners[n]] = 0.0
        phrasings = np.where(index.owners == owners[n], 0.0, scores.phrasings)
        yield features_of(replace(scores, entries=keep, phrasings=phrasings), query_form(texts[n]))


def _outside(content: Content) -> Iterator[Floats]:
    entries = tuple(content.entries.values())
    texts, owners = phrasings_of(entries)
    index = PhrasingIndex([matching_form(t) for t in texts], owners, len(entries))
    for questions in content.outside.values():
        for question in questions:
            yield features_of(index.score(query_form(question)), query_form(question))


def main(arguments: list[str]) -> None:
    """Fit and store beside the content."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent / "content"
    calibration = fit(load_content(folder))
    calibration.save(folder / FILE)
    print(f"{folder / FILE}: content {calibration.content_hash}, {calibration.examples} examples")


if __name__ == "__main__":
    main(sys.argv[1:])
