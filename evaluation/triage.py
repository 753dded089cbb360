"""How well triage does on messages it never saw, beside a keyword list: `python -m evaluation.triage`.

Prints a table and, as the last line, the same as JSON. Figures are of evaluation/triage_heldout.yml only.
"""

from __future__ import annotations

import json
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from routing.settings import RoutingSettings
from routing.tags import Tag, Tags
from routing.text import fold
from routing.triage import Tagger, load_tagger
from routing.triage_model import HEADS
from routing.triage_training import Example, read_examples, train_if_changed

HOME: Final = Path(__file__).resolve().parent.parent
HELDOUT: Final = HOME / "evaluation" / "triage_heldout.yml"


@dataclass(frozen=True, kw_only=True)
class KeywordTagger:
    """What a shop without a classifier does: lists of words. Fair ones, written as an editor would."""

    def tag(self, texts: Sequence[str]) -> list[Tags]:
        """One Tags for each text."""
        return [self._tag_one(fold(text)) for text in texts]

    def _tag_one(self, text: str) -> Tags:
        found = {head: _first(text, rules) or NEUTRAL_LABELS[head] for head, rules in KEYWORDS.items()}
        sentiment, urgency, level = (Tag(label=found[head], probability=1.0) for head in HEADS)
        return Tags(sentiment=sentiment, urgency=urgency, level=level)


NEUTRAL_LABELS: Final = {"sentiment": "neutral", "urgency": "normal", "level": "none"}
KEYWORDS: Final[dict[str, dict[str, str]]] = {
    "sentiment": {
        "angry": "垃圾|骗|气死|妈的|傻|滚|黑店|无良|奸商|仆街|痴线|呃|嬲|火大|态度|ridiculous|scam|useless|liar|idiot|stupid",
        "negative": "失望|差|坏|慢|还没|一直|不满|投诉|烂|无语|唉|disappointed|still|broken|damaged|wrong|slow",
        "positive": "谢|感谢|满意|好评|多谢|唔该|赞|喜欢|thank|great|love|perfect|good",
    },
    "urgency": {
        "critical": "飞机|航班|登机|药|奶粉|海鲜|扣了两|重复扣|冒烟|着火|盗|flight|medicine|formula|twice|fire|hospital",
        "high": "急|尽快|马上|赶紧|快点|今天|明天|之前|urgent|asap|hurry|today|tomorrow",
    },
    "level": {
        "major": "12315|消协|消委|律师|起诉|法院|曝光|媒体|抖音|小红书|记者|受伤|过敏|lawyer|court|sue|consumer|hurt|burn",
        "serious": "第三次|第二次|差评|承诺|说好|赔偿|假货|退钱|骗|third time|promised|review|fake",
        "minor": "失望|差|坏|慢|还没|一直|烂|投诉|disappointed|broken|damaged|wrong|slow",
    },
}


def _first(text: str, rules: dict[str, str]) -> str | None:
    return next((label for label, words in rules.items() if re.search(words, text)), None)


def measure(tagger: Tagger, examples: Sequence[Example], settings: RoutingSettings) -> dict[str, float]:
    """The figures of one tagger: macro-F1 per head, and what the handoff thresholds make of it."""
    tagged = tagger.tag([example.text for example in examples])
    figures: dict[str, float] = {}
    for position, (head, labels) in enumerate(HEADS.items()):
        expected = [labels[example.labels[position]] for example in examples]
        got = [getattr(tags, head).label for tags in tagged]
        figures[f"{head}_macro_f1"] = macro_f1(expected, got, labels)
        figures[f"{head}_accuracy"] = sum(a == b for a, b in zip(expected, got, strict=True)) / len(expected)
    truth = [tuple(labels[i] for labels, i in zip(HEADS.values(), e.labels, strict=True)) for e in examples]
    for name, position, label, threshold in (
        ("angry", 0, "angry", settings.angry_probability),
        ("critical", 1, "critical", settings.critical_probability),
        ("major", 2, "major", settings.major_probability),
    ):
        tags = [(t.sentiment, t.urgency, t.level)[position] for t in tagged]
        fired = [tag.label == label and tag.probability >= threshold for tag in tags]
        is_so = [labels[position] == label for labels in truth]
        figures[f"{name}_recall"] = _share(fired, is_so)
        figures[f"false_{name}_rate"] = _share(fired, [not so for so in is_so])
    calm = [labels[0] in ("neutral", "positive") for labels in truth]
    fired_angry = [
        t.sentiment.label == "angry" and t.sentiment.probability >= settings.angry_probability for t in tagged
    ]
    figures["calm_called_angry_rate"] = _share(fired_angry, calm)
    return {name: round(value, 3) for name, value in figures.items()}


def macro_f1(expected: Sequence[str], got: Sequence[str], labels: Sequence[str]) -> float:
    """The mean of the labels' F1 values."""
    scores = []
    for label in labels:
        hit = sum(a == b == label for a, b in zip(expected, got, strict=True))
        scores.append(2 * hit / max(1, expected.count(label) + got.count(label)))
    return statistics.fmean(scores)


def _share(fired: Sequence[bool], among: Sequence[bool]) -> float:
    return sum(f for f, so in zip(fired, among, strict=True) if so) / max(1, sum(among))


def time_one(tagger: Tagger, examples: Sequence[Example]) -> float:
    """Median milliseconds for one message, tagged alone."""
    spent = []
    for example in examples:
        start = time.perf_counter()
        tagger.tag([example.text])
        spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(spent)


def main() -> None:
    """Trains from nlu_data in a folder of its own, measures, prints."""
    examples = read_examples(HELDOUT)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        model = train_if_changed(HOME, Path(folder))
        training_s = time.perf_counter() - start
        tagger = load_tagger(model)
    taggers: dict[str, Tagger] = {"classifier": tagger, "keyword list": KeywordTagger()}
    figures = {name: measure(t, examples, RoutingSettings.model_validate({})) for name, t in taggers.items()}
    print(f"{len(examples)} held-out messages; trained in {training_s:.1f} s")
    print(f"{'':26}" + "".join(f"{name:>14}" for name in figures))
    for figure in figures["classifier"]:
        print(f"{figure:26}" + "".join(f"{values[figure]:14.3f}" for values in figures.values()))
    milliseconds = time_one(tagger, examples)
    print(f"one message: {milliseconds:.3f} ms (median)")
    print(
        json.dumps({**figures, "training_s": round(training_s, 2), "one_message_ms": round(milliseconds, 4)})
    )


if __name__ == "__main__":
    main()
