"""Rasa's ResponseSelector on the same phrasings, for the table of peers: `.venv-rasa/bin/python evaluation/response_selector.py`.

Runs in Rasa's environment (Python 3.10), so it imports nothing of ours. Reads {"phrasings": [[entry, text], …],
"questions": [text, …]} from standard input and writes [[[entry, confidence], …], …] to standard output, best first.
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

EPOCHS, SEED = 100, 20261111
PIPELINE = f"""
recipe: default.v1
language: zh
assistant_id: peer
pipeline:
  - name: JiebaTokenizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 3
  - name: ResponseSelector
    retrieval_intent: faq
    epochs: {EPOCHS}
    random_seed: {SEED}
    batch_size: [64, 128]
    learning_rate: 0.002
    constrain_similarities: true
policies: []
"""


def main() -> None:
    """Train, then ask; what Rasa prints goes to standard error."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    asked = json.load(sys.stdin)
    answers, sys.stdout = sys.stdout, sys.stderr
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ranked = asyncio.run(_ask(_train(folder, asked["phrasings"]), asked["questions"]))
    json.dump(ranked, answers)


def _train(folder: Path, phrasings: "list[list[str]]") -> str:
    import yaml
    from rasa.model_training import train_nlu

    examples: dict[str, list[str]] = {}
    for entry, text in phrasings:
        examples.setdefault(entry, []).append(" ".join(text.split()))
    nlu = [
        {"intent": f"faq/{entry}", "examples": "".join(f"- {text}\n" for text in texts)}
        for entry, texts in examples.items()
    ]
    responses = {f"utter_faq/{entry}": [{"text": entry}] for entry in examples}
    files = {
        "config.yml": PIPELINE,
        "nlu.yml": yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True),
        "domain.yml": yaml.safe_dump({"version": "3.1", "intents": ["faq"], "responses": responses}),
    }
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    trained = train_nlu(
        str(folder / "config.yml"),
        str(folder / "nlu.yml"),
        str(folder / "out"),
        domain=str(folder / "domain.yml"),
    )
    assert trained is not None, "Rasa has trained nothing."
    return str(trained)


async def _ask(model: str, questions: "list[str]") -> "list[list[tuple[str, float]]]":
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    ranked = []
    for question in questions:
        found = await agent.parse_message(question)
        ranking = found["response_selector"]["faq"]["ranking"]
        ranked.append(
            [(r["intent_response_key"].split("/", 1)[1], round(float(r["confidence"]), 4)) for r in ranking]
        )
    return ranked


if __name__ == "__main__":
    main()
