"""The classifier's own logistic regression against scikit-learn's, and its parts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from routing.triage_decision import HEADS
from routing.triage_solver import SIZES, STARTS, Rows, descend, head_parts, softmax, solve

STRENGTH = 4.0


def problem(messages: int = 240) -> tuple[Rows, np.ndarray]:
    """Messages whose labels lean on some of their features, sparse ones and dense ones."""
    random = np.random.default_rng(5)
    sparse = (random.random((messages, 12)) < 0.3).astype(np.float32)
    dense = random.normal(size=(messages, 3)).astype(np.float32)
    lean = np.hstack([sparse, dense]) @ random.normal(size=(15, len(HEADS)))
    noisy = lean + random.normal(size=lean.shape)
    labels = [
        np.digitize(noisy[:, i], np.quantile(noisy[:, i], np.arange(1, n) / n)) for i, n in enumerate(SIZES)
    ]
    return Rows(sparse=csr_matrix(sparse), dense=dense), np.column_stack(labels).astype(np.int64)


@pytest.mark.parametrize("head", range(len(HEADS)))
def test_probabilities_are_those_of_scikit_learn(head: int) -> None:
    rows, labels = problem()
    ours = softmax(rows.scores(solve(rows, labels, np.ones(len(labels), np.float32), STRENGTH, 400)))
    together = np.hstack([rows.sparse.toarray(), rows.dense])
    # Ours takes the mean loss of the messages, theirs the sum.
    theirs = LogisticRegression(C=STRENGTH, class_weight="balanced", tol=1e-8, max_iter=5000)
    theirs.fit(together, labels[:, head])
    part = ours[:, STARTS[head] : STARTS[head] + SIZES[head]]
    assert np.abs(part - theirs.predict_proba(together)).max() < 0.01


def test_a_message_that_counts_nothing_changes_nothing() -> None:
    rows, labels = problem()
    counts = np.ones(len(labels), np.float32)
    counts[:60] = 0.0
    wrong = labels.copy()
    wrong[:60] = 0
    one, other = (solve(rows, given, counts, STRENGTH, 200) for given in (labels, wrong))
    assert np.abs(rows.scores(one) - rows.scores(other)).max() < 0.02


def test_rare_labels_are_not_drowned() -> None:
    """Nine calm messages to one angry, no feature but chance: each label is as likely as the others."""
    labels = np.zeros((100, len(HEADS)), np.int64)
    labels[:10] = 1
    rows = Rows(sparse=csr_matrix((100, 2), dtype=np.float32), dense=np.zeros((100, 1), np.float32))
    chances = softmax(rows.scores(solve(rows, labels, np.ones(100, np.float32), STRENGTH, 200)))
    assert chances[0, 0] == pytest.approx(chances[0, 1], abs=0.01)


def test_each_head_has_probabilities_of_its_own() -> None:
    chances = softmax(np.random.default_rng(1).normal(size=(7, sum(SIZES))).astype(np.float32) * 30)
    for part in head_parts(chances):
        assert np.allclose(part.sum(axis=1), 1, atol=1e-5)


def test_descent_finds_the_bottom_of_a_bowl() -> None:
    bottom = np.arange(6, dtype=np.float32).reshape(3, 2)
    steep = np.array([[1, 10], [100, 1], [5, 50]], np.float32)

    def bowl(at: np.ndarray) -> tuple[float, np.ndarray]:
        return float((steep * (at - bottom) ** 2).sum()), 2 * steep * (at - bottom)

    assert np.allclose(descend(bowl, np.zeros((3, 2), np.float32), 100), bottom, atol=1e-3)


def test_the_same_messages_give_the_same_weights() -> None:
    rows, labels = problem()
    counts = np.ones(len(labels), np.float32)
    one, other = (solve(rows, labels, counts, STRENGTH, 50) for _ in range(2))
    assert np.array_equal(one, other)
