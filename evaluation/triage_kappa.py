"""How far two readers agree on the labels of the same messages: Cohen's kappa, for each head."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from routing.triage_decision import HEADS
from routing.triage_examples import Example


def kappa(one: Sequence[str], other: Sequence[str]) -> float:
    """Agreement beyond chance: 1 is complete, 0 is chance. Cohen 1960, (p_o − p_e) / (1 − p_e)."""
    n = len(one)
    agreed = sum(a == b for a, b in zip(one, other, strict=True)) / n
    first, second = Counter(one), Counter(other)
    by_chance = sum(first[label] * second[label] for label in first) / (n * n)
    return 1.0 if by_chance == 1.0 else (agreed - by_chance) / (1 - by_chance)


def agreement(second: Sequence[Example], first: Sequence[Example]) -> dict[str, dict[str, float]]:
    """Kappa and plain agreement of each head over the messages that both have labelled. ValueError where none is."""
    known = {example.text: example.labels for example in first}
    both = [(known[example.text], example.labels) for example in second if example.text in known]
    if not both:
        raise ValueError("no message of the second reading is in the first one, letter by letter.")
    found = {}
    for position, (head, labels) in enumerate(HEADS.items()):
        one = [labels[a[position]] for a, _ in both]
        other = [labels[b[position]] for _, b in both]
        same = sum(a == b for a, b in zip(one, other, strict=True)) / len(both)
        found[head] = {
            "kappa": round(kappa(one, other), 3),
            "agreement": round(same, 3),
            "messages": len(both),
        }
    return found


def print_kappa(second: Sequence[Example], first: Sequence[Example]) -> None:
    """One line a head."""
    for head, values in agreement(second, first).items():
        print(
            f"{head:10} kappa {values['kappa']:.3f}, agreement {values['agreement']:.3f} ({values['messages']} messages)"
        )
