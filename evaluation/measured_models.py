"""Each model's figures beside what else there is, one function a model: what `anxin eval models` runs.

Every function gives one mapping for docs/figures/<name>.json, `about` (seeds, data hashes, versions, machine) in it, and
the tables as Markdown. Nothing is trained on what is asked, and nothing chosen by it.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.rasa_places import PROGRAM
from knowledge_base.calibrating import SEED as CALIBRATION_SEED
from service.training.comparing import SEED

if TYPE_CHECKING:
    from evaluation.knowledge_peers import Phrasings, Scores

COMMAND: Final = "anxin eval models"
SLOW_PEERS: Final = ("logistic regression", "logistic, 1-4 chars", "DIET")
"""Of the intents: Rasa trains each for minutes, so their figures are kept by a hash of everything they come from."""
ENCODER_DATA: Final = ("positive_pairs.jsonl.gz", "labelled_pairs_zh.jsonl.gz")
LIBRARIES: Final = ("anxin", "numpy", "scipy", "scikit-learn", "jieba", "snownlp", "vaderSentiment")
SPOKEN: Final = 200
SEEN: Final = """The weights that ship have learned from the held-out public pairs too, so these sets are our own alone;
figures on LCQMC, BQ, AFQMC and tatoeba, of the same recipe without those pairs, are in the model card
(knowledge_base/encoder/README.md), by `python -m evaluation.training.encoder`.

"""

Figures = dict[str, Any]


class NotMeasured(Exception):
    """A part that cannot be measured here; the message says what is missing. The rest goes on."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is there to measure with, and what may take long."""

    data: Path | None
    """The folder of the public data."""
    cache: Path
    """Where slow peers' figures are kept."""
    with_slow_peers: bool
    say: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One model's figures, for the JSON file and for people."""

    figures: Figures
    markdown: str


def about(seeds: Mapping[str, int], files: Sequence[Path], command: str = COMMAND) -> Figures:
    """Where figures come from."""
    return {
        "command": command,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seeds": dict(seeds),
        "data": {_name(file): file_hash(file) for file in files},
        "versions": {"python": platform.python_version(), **dict(_versions())},
        "machine": {"cores": os.cpu_count() or 1, "architecture": platform.machine()},
    }


def file_hash(file: Path) -> str:
    """16 hex digits of the content; of a folder, of its files' names and contents."""
    digest = hashlib.sha256()
    for each in sorted(file.iterdir()) if file.is_dir() else [file]:
        if each.is_file():
            digest.update(each.name.encode() + b"\0" + each.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _name(file: Path) -> str:
    return file.relative_to(PROGRAM).as_posix() if file.is_relative_to(PROGRAM) else file.name


def _versions() -> Iterator[tuple[str, str]]:
    from knowledge_base.encoder import load_encoder

    for library in LIBRARIES:
        try:
            yield library, version(library)
        except PackageNotFoundError:
            continue
    yield "encoder", load_encoder().hash


def encoder(plan: Plan) -> Measured:
    """Dev sets: our own, and with the public data those that are held out of it; peers BM25 and TF-IDF.

    Weights that have learned from the held-out public pairs too are asked our own sets alone.
    """
    from evaluation.training import encoder_data, encoder_figures
    from evaluation.training.encoder_own import DEV
    from knowledge_base.encoder import SHIPPED, STATIC_CONFIG, load_encoder

    made = json.loads((SHIPPED / STATIC_CONFIG).read_text(encoding="utf-8"))
    has_seen = bool(made["with_held_out"])
    sets: Any
    if plan.data is None:
        plan.say("encoder: no public data (--data FOLDER), so only the sets of evaluation/encoder_dev")
        sets = encoder_figures.own_sets([])
    else:
        plan.say(f"encoder: reading {plan.data}")
        corpus = encoder_data.read_corpus(plan.data)
        sets = encoder_figures.dev_sets(corpus, encoder_data.hold_out(corpus), ours_alone=has_seen)
    ours = load_encoder()
    scorers = {
        "encoder": encoder_figures.by_cosine(ours.encode),
        "BM25": encoder_figures.by_bm25,
        "TF-IDF": encoder_figures.by_tfidf,
    }
    found = {name: encoder_figures.figures(sets, score) for name, score in scorers.items()}
    files = [DEV, *(plan.data / name for name in ENCODER_DATA if plan.data is not None)]
    figures = {
        "about": about({"held out": 7}, files),
        "with_public_data": plan.data is not None,
        "learned_from_held_out": has_seen,
        "sets": {name: {peer: found[peer][name] for peer in found} for name in sets},
        "dimensions": ours.dimensions,
        "one_query_ms": _query_ms(ours.encode),
    }
    note = SEEN if has_seen else "" if plan.data is not None else "Only the sets written for this.\n\n"
    table = markdown_table("set", {peer: found[peer] for peer in found})
    speed = f"\n\n{figures['dimensions']} dimensions; one query takes {figures['one_query_ms']} ms (median)."
    return Measured(figures=figures, markdown=note + table + speed)


def _query_ms(encode: Callable[[Sequence[str]], Any]) -> float:
    spent = []
    for number in range(SPOKEN):
        began = time.perf_counter()
        encode([f"我的快递三天没动了怎么办 {number}"])
        spent.append((time.perf_counter() - began) * 1000)
    return round(sorted(spent)[len(spent) // 2], 3)


def triage(plan: Plan) -> Measured:
    """The classifier beside a keyword list, TF-IDF with logistic regression, SnowNLP and VADER."""
    from evaluation import triage as triage_program
    from evaluation import triage_report

    figures = triage_program.evaluate(plan.data)
    if plan.data is None:
        plan.say("triage: no public data (--data FOLDER), so no accuracy on reviews")
    files = [triage_program.HELDOUT, PROGRAM / "nlu_data" / "triage", PROGRAM / "routing" / "public_layer"]
    return Measured(
        figures={"about": about({"folds": 0}, files), **figures}, markdown=triage_report.as_text(figures)
    )


def intents(plan: Plan) -> Measured:
    """Rasa's model as it ships, and beside it Rasa's own classifiers on the same examples."""
    from evaluation import intents as program

    examples, asked = program.read_examples(), program.read_heldout()
    results: dict[str, Figures] = {}
    for name, pipeline in program.pipelines().items():
        is_slow = name in SLOW_PEERS
        kept = plan.cache / f"intents-{_pipeline_hash(name, pipeline)}.json"
        if is_slow and kept.exists():
            results[name] = json.loads(kept.read_text(encoding="utf-8"))
        elif is_slow and not plan.with_slow_peers:
            plan.say(f"intents: {name} left out (--no-slow-peers), no figures of it are kept")
        else:
            plan.say(f"intents: Rasa trains {name} on {len(examples)} examples")
            results[name] = program.measure(pipeline, examples, asked)
            if is_slow:
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_text(json.dumps(results[name], ensure_ascii=False), encoding="utf-8")
    figures = {
        "about": about({"support vectors": 0, "DIET": 1}, [program.HELDOUT, program.EXAMPLES]),
        "messages": len(asked),
        "pipelines": results,
    }
    return Measured(figures=figures, markdown=_intents_markdown(results))


def _pipeline_hash(name: str, pipeline: Sequence[Mapping[str, Any]]) -> str:
    from evaluation import intents as program

    parts = [json.dumps(list(pipeline)), file_hash(program.EXAMPLES), file_hash(program.HELDOUT)]
    parts.append(file_hash(PROGRAM / "bot" / "components"))
    return hashlib.sha256("\0".join([name, *parts]).encode()).hexdigest()[:16]


def _intents_markdown(results: Mapping[str, Figures]) -> str:
    recalls = ("out_of_scope_recall", "presales_recall", "unclear_recall")
    rows = ("accuracy", "macro_f1", *recalls, "parse_p50_ms", "parse_p95_ms", "training_s")
    columns = {
        name: {row: found[row] for row in rows}
        | {f"{language} macro_f1": part["macro_f1"] for language, part in found["languages"].items()}
        | {f"unseen {row}": found["unseen"][row] for row in ("texts", "accuracy", "macro_f1")}
        for name, found in results.items()
    }
    each = {name: found["intents"] for name, found in results.items()}
    return markdown_table("figure", columns) + "\n\n## F1 of each intent\n\n" + markdown_table("intent", each)


def knowledge(plan: Plan) -> Measured:
    """The search on its held-out questions, beside BM25 and what else evaluation.knowledge compares with."""
    from evaluation import knowledge as program

    plan.say("knowledge: importing the shipped entries into a database of its own")
    figures = program.measure(selector=partial(_kept_selector, plan))
    files = [program.HELD_OUT, program.CONTENT]
    told = {"about": about({"calibration": CALIBRATION_SEED}, files), **figures}
    return Measured(figures=told, markdown=program.as_markdown(figures))


def _kept_selector(plan: Plan, rows: Phrasings, questions: Sequence[str]) -> Mapping[str, Scores] | None:
    """Rasa's ResponseSelector, asked once for the same phrasings and questions."""
    from evaluation import knowledge_peers, response_selector

    program = Path(response_selector.__file__).read_text(encoding="utf-8")
    asked = hashlib.sha256(json.dumps([program, list(rows), list(questions)]).encode()).hexdigest()
    kept = plan.cache / f"response-selector-{asked[:16]}.json"
    if kept.exists():
        found: Mapping[str, Scores] = json.loads(kept.read_text(encoding="utf-8"))
        return found
    if not plan.with_slow_peers:
        plan.say("knowledge: ResponseSelector left out (--no-slow-peers), no figures of it are kept")
        return None
    plan.say(f"knowledge: Rasa trains its ResponseSelector on {len(rows)} phrasings")
    scores = knowledge_peers.response_selector(rows, questions)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(scores, ensure_ascii=False), encoding="utf-8")
    return scores


def markdown_table(first: str, columns: Mapping[str, Mapping[str, Any]]) -> str:
    """Columns by name; rows are the figures of the first column."""
    lines = [f"| {first} | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    for row in next(iter(columns.values())):
        lines.append(
            f"| {row} | " + " | ".join(str(values.get(row, "")) for values in columns.values()) + " |"
        )
    return "\n".join(lines)


PARTS: Final[Mapping[str, Callable[[Plan], Measured]]] = {
    "encoder": encoder,
    "triage": triage,
    "intents": intents,
    "knowledge": knowledge,
}
COMPARISON_SEED: Final = SEED
"""Of the paired bootstrap in `anxin train`, told in the index beside the others."""
