"""How well intents are told apart, and how fast, beside Rasa's own classifiers: `python -m evaluation.intents`.

Each pipeline is trained by Rasa from nlu_data and parses evaluation/intents_heldout.yml, one text after the other, in
Rasa's environment. `--split` parses a fifth of the examples instead, near-duplicates kept together: what pipelines are
chosen by. What falls below Rasa's threshold counts as unclear, for the bot answers both alike.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from bot.extraction import extract
from bot.rasa_places import PROGRAM, PYTHON
from bot.rasa_training import environment

HELDOUT: Final = PROGRAM / "evaluation" / "intents_heldout.yml"
EXAMPLES: Final = PROGRAM / "nlu_data"
OUTSIDE: Final = ("out_of_scope", "presales", "unclear")
LANGUAGES: Final = ("zh-Hans", "zh-Hant-HK", "en")
HELD_BACK: Final = 5
"""`--split`: one group of examples in so many."""
NEAR: Final = 0.6
"""Jaccard of character 3-grams from which examples belong to one group."""
_FALLBACK: Final = [
    {"name": "bot.components.turn_context.TurnContext"},
    {"name": "FallbackClassifier", "threshold": 0.2, "ambiguity_threshold": 0.03},
]
_COUNTS: Final = [
    {"name": "bot.components.mixed_tokenizer.MixedTokenizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 3},
]
_WIDER: Final = [
    *_COUNTS[:2],
    {"name": "CountVectorsFeaturizer", "analyzer": "char", "min_ngram": 1, "max_ngram": 4},
]
_DIET: Final = {
    "name": "DIETClassifier",
    # An epoch takes half a minute of a core; after 8 the examples are learnt (accuracy on them 0.97, after 21 0.98).
    "epochs": 8,
    "entity_recognition": False,
    "constrain_similarities": True,
    "random_seed": 1,
}

Parsed = list[tuple[str, float, float]]


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """A message or example with what it means."""

    text: str
    intent: str
    language: str


def pipelines() -> dict[str, list[dict[str, Any]]]:
    """Pipelines of Rasa by name; the first is the shipped one."""
    shipped = yaml.safe_load((PROGRAM / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    logistic = {"name": "LogisticRegressionClassifier", "max_iter": 500}
    return {
        "shipped": shipped,
        "logistic regression": [*_COUNTS, logistic, *_FALLBACK],
        "logistic, 1-4 chars": [*_WIDER, logistic, *_FALLBACK],
        "DIET": [*_COUNTS, _DIET, *_FALLBACK],
    }


def read_examples() -> list[Labelled]:
    """All examples of nlu_data."""
    return [
        Labelled(text=line.removeprefix("- "), intent=block["intent"], language=block["metadata"]["language"])
        for path in sorted(EXAMPLES.glob("*.yml"))
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        for line in block["examples"].splitlines()
    ]


def read_heldout() -> list[Labelled]:
    """The held-out messages as Rasa gets them: numbers are references."""
    # BaseLoader: «yes» and «1» are messages, not values.
    content = yaml.load(HELDOUT.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return [
        Labelled(text=extract(text, {}).masked_text, intent=intent, language=language)
        for intent, languages in content["messages"].items()
        for language, texts in languages.items()
        for text in texts
    ]


def split(examples: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """Trained on and asked: whole groups of near-duplicates go to one side, by a hash of their first member."""
    groups = _groups([e.text for e in examples])
    asked = [int(hashlib.sha256(examples[g].text.encode()).hexdigest(), 16) % HELD_BACK == 0 for g in groups]
    return (
        [e for e, is_asked in zip(examples, asked, strict=True) if not is_asked],
        [e for e, is_asked in zip(examples, asked, strict=True) if is_asked],
    )


def measure(
    pipeline: Sequence[Mapping[str, Any]], trained: Sequence[Labelled], asked: Sequence[Labelled]
) -> dict[str, Any]:
    """Trains the pipeline in a folder of its own and gives its figures on what is asked."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.perf_counter()
        model = _train(pipeline, trained, folder)
        training_s = time.perf_counter() - start
        parsed = _parse(model, [a.text for a in asked], folder)
    spent = sorted(milliseconds for _, _, milliseconds in parsed)
    return {
        **figures(parsed, trained, asked),
        "parse_p50_ms": round(statistics.median(spent), 2),
        "parse_p95_ms": round(spent[int(len(spent) * 0.95)], 2),
        "training_s": round(training_s, 1),
    }


def figures(parsed: Parsed, trained: Sequence[Labelled], asked: Sequence[Labelled]) -> dict[str, Any]:
    """Accuracy, macro-F1 and what they are made of; `unseen` leaves out texts that stand in the examples too."""
    got = ["unclear" if intent == "nlu_fallback" else intent for intent, _, _ in parsed]
    expected = [a.intent for a in asked]
    f1 = f1_by_intent(expected, got)
    known = {_letters(t.text) or t.text for t in trained}
    unseen = [(_letters(a.text) or a.text) not in known for a in asked]
    by_language = {
        language: _of(expected, got, [a.language == language for a in asked]) for language in LANGUAGES
    }
    recalls = {
        f"{i}_recall": sum(g == e == i for g, e in zip(got, expected, strict=True))
        / max(1, expected.count(i))
        for i in OUTSIDE
    }
    found: dict[str, Any] = _rounded(
        {
            **_of(expected, got, [True] * len(got)),
            "unseen": {"texts": sum(unseen), **_of(expected, got, unseen)},
            **recalls,
            "languages": by_language,
            "intents": f1,
            "confused": _confused(expected, got),
        }
    )
    return found


def f1_by_intent(expected: Sequence[str], got: Sequence[str]) -> dict[str, float]:
    """F1 of each intent that is expected anywhere."""
    hits = Counter(e for e, g in zip(expected, got, strict=True) if e == g)
    wanted, given = Counter(expected), Counter(got)
    return {intent: 2 * hits[intent] / (wanted[intent] + given[intent]) for intent in sorted(wanted)}


def _of(expected: Sequence[str], got: Sequence[str], among: Sequence[bool]) -> dict[str, float]:
    pairs = [(e, g) for e, g, counts in zip(expected, got, among, strict=True) if counts]
    f1 = f1_by_intent([e for e, _ in pairs], [g for _, g in pairs])
    return {
        "accuracy": sum(e == g for e, g in pairs) / max(1, len(pairs)),
        "macro_f1": statistics.fmean(f1.values()) if f1 else 0.0,
    }


def _confused(expected: Sequence[str], got: Sequence[str]) -> dict[str, int]:
    pairs = Counter(f"{e} → {g}" for e, g in zip(expected, got, strict=True) if e != g)
    return dict(pairs.most_common(10))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(child) for name, child in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def _train(pipeline: Sequence[Mapping[str, Any]], examples: Sequence[Labelled], folder: Path) -> Path:
    grouped: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        grouped[example.intent].append(f"- {example.text}")
    blocks = [{"intent": intent, "examples": "\n".join(lines) + "\n"} for intent, lines in grouped.items()]
    data = folder / "nlu.yml"
    data.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True), encoding="utf-8")
    config = folder / "config.yml"
    written = {
        "recipe": "default.v1",
        "language": "zh",
        "assistant_id": "measured",
        "pipeline": list(pipeline),
    }
    config.write_text(yaml.safe_dump(written), encoding="utf-8")
    argv = ["-m", "rasa", "train", "nlu", "--config", str(config), "--nlu", str(data)]
    _run([*argv, "--out", str(folder), "--fixed-model-name", "model"], folder)
    return folder / "model.tar.gz"


def _parse(model: Path, texts: Sequence[str], folder: Path) -> Parsed:
    answered = _run(["-m", "evaluation.intents_parsing", str(model)], folder, json.dumps(list(texts)))
    return [(str(intent), float(confidence), float(ms)) for intent, confidence, ms in json.loads(answered)]


def _run(arguments: Sequence[str], folder: Path, asked: str = "") -> str:
    done = subprocess.run(
        [str(PYTHON), *arguments], cwd=folder, env=environment(), input=asked, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"Rasa's environment failed:\n{done.stderr[-2000:]}")
    return done.stdout


def _letters(text: str) -> str:
    return re.sub(r"[^\w]", "", unicodedata.normalize("NFKC", text).casefold())


def _groups(texts: Sequence[str]) -> list[int]:
    """For each text the first one of its group of near-duplicates."""
    grams = [{run[i : i + 3] for i in range(max(1, len(run) - 2))} for run in map(_letters, texts)]
    having: dict[str, list[int]] = defaultdict(list)
    first = list(range(len(texts)))
    for number, own in enumerate(grams):
        shared = Counter(other for gram in own for other in having[gram])
        near = [o for o, n in shared.items() if n >= NEAR * (len(own) + len(grams[o]) - n)]
        roots = {_root(first, o) for o in [number, *near]}
        for root in roots:
            first[root] = min(roots)
        for gram in own:
            having[gram].append(number)
    return [_root(first, number) for number in range(len(texts))]


def _root(first: list[int], number: int) -> int:
    while first[number] != number:
        number = first[number]
    return number


def _table(results: Mapping[str, Mapping[str, Any]]) -> str:
    def row(name: str, values: Sequence[Any]) -> str:
        return f"{name:28}" + "".join(f"{value!s:>21}" for value in values)

    every = list(results.values())
    lines = [row("", list(results))]
    plain = ("accuracy", "macro_f1", *(f"{i}_recall" for i in OUTSIDE))
    lines += [row(name, [r[name] for r in every]) for name in plain]
    lines += [row(f"unseen {n}", [r["unseen"][n] for r in every]) for n in ("texts", "accuracy", "macro_f1")]
    lines += [row(f"{la} macro_f1", [r["languages"][la]["macro_f1"] for r in every]) for la in LANGUAGES]
    lines += [row(n, [r[n] for r in every]) for n in ("parse_p50_ms", "parse_p95_ms", "training_s")]
    lines += ["", "F1 of each intent"]
    lines += [row(intent, [r["intents"][intent] for r in every]) for intent in every[0]["intents"]]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a table, or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="JSON instead of the table")
    parser.add_argument(
        "--split", action="store_true", help="ask a fifth of the examples, not the held-out set"
    )
    parser.add_argument(
        "--only", action="append", choices=list(pipelines()), help="a pipeline; may be repeated"
    )
    options = parser.parse_args(arguments)
    examples = read_examples()
    trained, asked = split(examples) if options.split else (examples, read_heldout())
    results = {}
    for name, pipeline in pipelines().items():
        if not options.only or name in options.only:
            print(f"{name}: {len(trained)} examples, {len(asked)} asked …", file=sys.stderr, flush=True)
            results[name] = measure(pipeline, trained, asked)
    print(json.dumps(results, ensure_ascii=False) if options.json else _table(results))


if __name__ == "__main__":
    main()
