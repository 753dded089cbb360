"""How well triage does on messages it never saw, beside what else there is: `python -m evaluation.triage`.

Prints tables and, as the last line, the same as JSON; `--write` keeps both in docs/figures. `kappa FILE` compares a
second reader's labels with the set's. Figures are of evaluation/triage_heldout.yml, which nothing is tuned on.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from evaluation import triage_report
from evaluation.triage_figures import (
    by_language,
    exact_calibration_error,
    expected_calibration_error,
    handoffs,
    measure,
    reliability,
    speed,
    words_lower,
)
from evaluation.triage_kappa import print_kappa
from evaluation.triage_peers import KeywordTagger, PlainTagger, snownlp, vader
from evaluation.triage_reviews import review_accuracy
from routing.triage import Tagger, load_tagger
from routing.triage_decision import HEADS
from routing.triage_examples import Example, all_examples, read_examples
from routing.triage_training import train_if_changed
from service.tagging import shipped_encoder

HOME: Final = Path(__file__).resolve().parent.parent
HELDOUT: Final = HOME / "evaluation" / "triage_heldout.yml"
FIGURES: Final = HOME / "docs" / "figures"


def trained(home: Path = HOME) -> tuple[Tagger, float]:
    """The classifier of the repository's examples, and the seconds that its training took."""
    encoder = shipped_encoder()
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        model = train_if_changed(home, Path(folder), encoder)
        seconds = time.perf_counter() - start
        return load_tagger(model, encoder), seconds


def peers() -> dict[str, Tagger]:
    """What the classifier is compared with."""
    return {
        "keyword list": KeywordTagger(),
        "TF-IDF + LR": PlainTagger.fit(all_examples(HOME)),
        "SnowNLP": snownlp(),
        "VADER": vader(),
    }


def figures_of(tagger: Tagger, examples: Sequence[Example]) -> dict[str, Any]:
    """Everything that is measured of the classifier itself."""
    texts = [example.text for example in examples]
    tagged = tagger.tag(texts)
    bins = {head: reliability(tagged, examples, head) for head in HEADS}
    return {
        "measures": measure(tagged, examples),
        "languages": by_language(tagged, examples),
        "handoffs": handoffs(tagged, examples),
        "calibration_error": {h: round(expected_calibration_error(b), 4) for h, b in bins.items()},
        "exact_calibration_error": {h: round(exact_calibration_error(tagged, examples, h), 4) for h in HEADS},
        "words_lower_the_probability": words_lower(tagger, texts, tagged),
        "speed": speed(tagger, texts),
        "reliability": {head: [vars(each) for each in found] for head, found in bins.items()},
    }


def evaluate(reviews: Path | None) -> dict[str, Any]:
    """The classifier and its peers on the held-out messages; reviews too where the public data lies."""
    examples = read_examples(HELDOUT)
    tagger, seconds = trained()
    taggers = {"classifier": tagger, **peers()}
    texts = [example.text for example in examples]
    figures = figures_of(tagger, examples)
    figures["peers"] = {name: measure(other.tag(texts), examples) for name, other in taggers.items()}
    if reviews is not None:
        figures["reviews"] = {name: review_accuracy(other, reviews) for name, other in taggers.items()}
    data = {"heldout": triage_report.content_hash([HELDOUT]), "examples": len(all_examples(HOME))}
    return {"messages": len(examples), "training_s": round(seconds, 1), "data": data, **figures}


def main() -> None:
    """Measures and prints, or compares a second reading."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=Path, help="folder of the public data, for the accuracy on reviews")
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/figures")
    parts = parser.add_subparsers(dest="part")
    kappa = parts.add_parser("kappa", help="agreement of a second reader with the labels")
    kappa.add_argument("file", type=Path, help="label file of the second reader, in the same format")
    kappa.add_argument("--against", type=Path, default=HELDOUT, help="the labels to compare with")
    given = parser.parse_args()
    if given.part == "kappa":
        print_kappa(read_examples(given.file), read_examples(given.against))
        return
    figures = evaluate(given.reviews)
    print(triage_report.as_text(figures))
    if given.write:
        triage_report.write(FIGURES, figures)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
