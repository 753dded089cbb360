"""What a shop would use instead of triage's classifier: word lists, the usual libraries, a plain text classifier.

Each is given the same messages; the libraries know only glad and unhappy, so they never say angry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from routing.tags import NEUTRAL, Tag, Tags
from routing.text import fold
from routing.triage_decision import CALM, HEADS
from routing.triage_examples import Example

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


@dataclass(frozen=True, kw_only=True)
class KeywordTagger:
    """What a shop without a classifier does: lists of words. Fair ones, written as an editor would."""

    def tag(self, texts: Sequence[str]) -> list[Tags]:
        """One Tags for each text."""
        return [self._tag_one(fold(text)) for text in texts]

    def _tag_one(self, text: str) -> Tags:
        return _tags({head: _first(text, rules) or CALM[head] for head, rules in KEYWORDS.items()})


def _first(text: str, rules: dict[str, str]) -> str | None:
    return next((label for label, words in rules.items() if re.search(words, text)), None)


@dataclass(frozen=True, kw_only=True)
class PolarityTagger:
    """A library that gives one figure, from unhappy (0) to glad (1); the middle third or so is neutral."""

    score: Callable[[str], float]
    unhappy_below: float
    glad_above: float

    def tag(self, texts: Sequence[str]) -> list[Tags]:
        """One Tags for each text; urgency and level are not its business."""
        return [self._tag_one(text) for text in texts]

    def _tag_one(self, text: str) -> Tags:
        value = self.score(text) if text.strip() else 0.5
        label = (
            "negative" if value < self.unhappy_below else "positive" if value > self.glad_above else "neutral"
        )
        return Tags(sentiment=Tag(label=label, probability=1.0), urgency=NEUTRAL.urgency, level=NEUTRAL.level)


def snownlp() -> PolarityTagger:
    """SnowNLP, made for Chinese reviews; thresholds 0.3 and 0.7."""
    from snownlp import SnowNLP

    return PolarityTagger(
        score=lambda text: float(SnowNLP(text).sentiments), unhappy_below=0.3, glad_above=0.7
    )


def vader() -> PolarityTagger:
    """VADER, made for English social media; its authors' thresholds of ±0.05 on its scale from −1 to 1."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return PolarityTagger(
        score=lambda text: (float(analyzer.polarity_scores(text)["compound"]) + 1) / 2,
        unhappy_below=0.475,
        glad_above=0.525,
    )


@dataclass(frozen=True, kw_only=True)
class PlainTagger:
    """TF-IDF of character 1- to 3-grams and logistic regression, the likeliest label wins; scikit-learn as it comes."""

    vectorizer: Any
    models: dict[str, Any]

    @classmethod
    def fit(cls, examples: Sequence[Example]) -> PlainTagger:
        """Trained on the same messages as the classifier."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
        rows = vectorizer.fit_transform([example.text for example in examples])
        models = {}
        for position, (head, labels) in enumerate(HEADS.items()):
            expected = [labels[example.labels[position]] for example in examples]
            model = LogisticRegression(C=10.0, max_iter=300, tol=1e-3, class_weight="balanced")
            models[head] = model.fit(rows, expected)
        return cls(vectorizer=vectorizer, models=models)

    def tag(self, texts: Sequence[str]) -> list[Tags]:
        """One Tags for each text."""
        rows = self.vectorizer.transform(texts)
        labels = {head: model.predict(rows) for head, model in self.models.items()}
        return [_tags({head: str(values[i]) for head, values in labels.items()}) for i in range(len(texts))]


def _tags(labels: dict[str, str]) -> Tags:
    sentiment, urgency, level = (Tag(label=labels[head], probability=1.0) for head in HEADS)
    return Tags(sentiment=sentiment, urgency=urgency, level=level)
