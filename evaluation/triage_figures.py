"""The figures of a triage classifier on labelled messages: F1, what is missed and wrongly called, calibration, words.

Values only; evaluation.triage trains, compares and prints.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from routing.asking import asks_for_person
from routing.handoff import Facts, decide
from routing.language import LANGUAGES, detect
from routing.settings import RoutingSettings
from routing.tags import Tag, Tags
from routing.triage import Tagger
from routing.triage_decision import CALM, GRAVE_FIRST, HEADS
from routing.triage_examples import Example

BINS: Final = 10
WORTH_WATCHING: Final = (("sentiment", "angry"), ("urgency", "critical"), ("level", "major"))
BATCH: Final = 200


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Messages of about the same stated probability, and how often the label was right (95 % Wilson interval)."""

    stated: float
    right: float
    low: float
    high: float
    messages: int


def measure(tagged: Sequence[Tags], examples: Sequence[Example]) -> dict[str, float]:
    """Macro-F1 and accuracy of each head; recall and false alarms of the labels that call a person."""
    figures: dict[str, float] = {}
    for head, labels in HEADS.items():
        expected, got = truth(examples, head), [tag_of(tags, head).label for tags in tagged]
        figures[f"{head}_macro_f1"] = macro_f1(expected, got, labels)
        figures[f"{head}_accuracy"] = _share([a == b for a, b in zip(expected, got, strict=True)])
    for head, label in WORTH_WATCHING:
        fired = [tag_of(tags, head).label == label for tags in tagged]
        is_so = [value == label for value in truth(examples, head)]
        figures[f"{label}_recall"] = _share(fired, is_so)
        figures[f"false_{label}_rate"] = _share(fired, [not so for so in is_so])
    figures["unhappy_f1"] = _unhappy_f1(tagged, examples)
    return {name: round(value, 3) for name, value in figures.items()}


def truth(examples: Sequence[Example], head: str) -> list[str]:
    """The labels of one head."""
    position = list(HEADS).index(head)
    return [HEADS[head][example.labels[position]] for example in examples]


def tag_of(tags: Tags, head: str) -> Tag:
    """One head's tag."""
    return {"sentiment": tags.sentiment, "urgency": tags.urgency, "level": tags.level}[head]


def macro_f1(expected: Sequence[str], got: Sequence[str], labels: Sequence[str]) -> float:
    """The mean of the labels' F1 values."""
    scores = []
    for label in labels:
        hit = sum(a == b == label for a, b in zip(expected, got, strict=True))
        scores.append(2 * hit / max(1, expected.count(label) + got.count(label)))
    return statistics.fmean(scores)


def _unhappy_f1(tagged: Sequence[Tags], examples: Sequence[Example]) -> float:
    """Negative or angry against the rest, which peers can say that do not know anger."""
    expected = [str(label in ("negative", "angry")) for label in truth(examples, "sentiment")]
    got = [str(tags.sentiment.label in ("negative", "angry")) for tags in tagged]
    return macro_f1(expected, got, ("True",))


def _share(fired: Sequence[bool], among: Sequence[bool] | None = None) -> float:
    kept = fired if among is None else [f for f, so in zip(fired, among, strict=True) if so]
    return sum(kept) / max(1, len(kept))


def by_language(tagged: Sequence[Tags], examples: Sequence[Example]) -> dict[str, dict[str, float]]:
    """`measure` of the messages in each language."""
    languages = [detect(example.text, None) for example in examples]
    found: dict[str, dict[str, float]] = {}
    for language in LANGUAGES:
        which = [i for i, other in enumerate(languages) if other == language]
        found[language] = {
            **measure([tagged[i] for i in which], [examples[i] for i in which]),
            "messages": len(which),
        }
    return found


def handoffs(tagged: Sequence[Tags], examples: Sequence[Example]) -> dict[str, float]:
    """What the policy makes of the tags on receipt: calm messages handed over, major complaints not.

    Calm is neutral or positive, normal and no complaint, and does not ask for a person.
    """
    settings = RoutingSettings.model_validate({})
    calm, major = [], []
    for tags, example in zip(tagged, examples, strict=True):
        sentiment, urgency, level = (HEADS[h][i] for h, i in zip(HEADS, example.labels, strict=True))
        over = decide(Facts(stage="receipt", text=example.text, tags=tags), settings).handoff
        is_calm = sentiment in ("neutral", "positive") and (urgency, level) == ("normal", "none")
        if is_calm and not asks_for_person(example.text):
            calm.append(over)
        elif level == "major":
            major.append(over)
    return {
        "calm_handed_over_rate": round(_share(calm), 4),
        "calm_messages": len(calm),
        "major_handed_over_rate": round(_share(major), 4),
        "major_messages": len(major),
    }


def reliability(tagged: Sequence[Tags], examples: Sequence[Example], head: str) -> list[Bin]:
    """Bins of equal mass over the stated probability. Right means «at least this grave», as tags are meant."""
    stated_right = sorted(
        (tag_of(tags, head).probability, _holds(head, tag_of(tags, head).label, label))
        for tags, label in zip(tagged, truth(examples, head), strict=True)
    )
    n = len(stated_right)
    parts = [stated_right[n * i // BINS : n * (i + 1) // BINS] for i in range(BINS)]
    return [_bin(part) for part in parts if part]


def _holds(head: str, said: str, label: str) -> bool:
    grave = GRAVE_FIRST[head]
    return label == said if said not in grave else label in grave[: grave.index(said) + 1]


def _bin(part: Sequence[tuple[float, bool]]) -> Bin:
    n, z = len(part), 1.96
    right = sum(hit for _, hit in part) / n
    middle = (right + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * sqrt(right * (1 - right) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    stated = statistics.fmean(p for p, _ in part)
    return Bin(stated=stated, right=right, low=middle - reach, high=middle + reach, messages=n)


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """The mean distance between stated and right, by messages."""
    total = sum(each.messages for each in bins)
    return sum(each.messages * abs(each.stated - each.right) for each in bins) / max(1, total)


def exact_calibration_error(tagged: Sequence[Tags], examples: Sequence[Example], head: str) -> float:
    """The same where right means exactly this label, for readers who do not know that tags are cumulative."""
    stated_right = sorted(
        (tag_of(tags, head).probability, tag_of(tags, head).label == label)
        for tags, label in zip(tagged, truth(examples, head), strict=True)
    )
    n = len(stated_right)
    return expected_calibration_error(
        [_bin(part) for i in range(BINS) if (part := stated_right[n * i // BINS : n * (i + 1) // BINS])]
    )


def words_lower(tagger: Tagger, texts: Sequence[str], tagged: Sequence[Tags]) -> dict[str, float]:
    """In how many of the tags that say something the label falls or loses probability without its words."""
    lowered: dict[str, list[bool]] = {head: [] for head in HEADS}
    for text, tags in zip(texts, tagged, strict=True):
        telling = [head for head in HEADS if tag_of(tags, head).label != CALM[head]]
        if not telling:
            continue
        rest = text
        for word in tags.words:
            rest = rest.replace(word, " ")
        without = tagger.tag([rest])[0]
        for head in telling:
            before, after = tag_of(tags, head), tag_of(without, head)
            lowered[head].append(after.label != before.label or after.probability < before.probability)
    everything = [hit for hits in lowered.values() for hit in hits]
    return {
        **{head: round(_share(hits), 3) for head, hits in lowered.items()},
        "all": round(_share(everything), 3),
    }


def speed(tagger: Tagger, texts: Sequence[str]) -> dict[str, float]:
    """Median milliseconds for a message alone, and messages a second in batches; the better of two rounds."""
    tagger.tag(texts[:50])
    spent, batches = [], []
    for _ in range(2):
        for text in texts:
            start = time.perf_counter()
            tagger.tag([text])
            spent.append((time.perf_counter() - start) * 1000)
        start = time.process_time()
        for at in range(0, len(texts), BATCH):
            tagger.tag(texts[at : at + BATCH])
        batches.append(time.process_time() - start)
    return {
        "one_message_ms": round(statistics.median(spent), 3),
        "messages_per_second": round(len(texts) / min(batches)),
    }
