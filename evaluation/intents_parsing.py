"""Runs in Rasa's environment: parses texts with a trained model, as the server would, and says how long each took.

`python -m evaluation.intents_parsing MODEL` reads a JSON list of texts, prints a JSON list of [intent, confidence, ms].
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

WARM_UP = 20
"""Texts parsed before the clock counts."""


async def parse(model: str, texts: list[str]) -> list[list[Any]]:
    """[intent, confidence, milliseconds] of each text, one after the other."""
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    for text in texts[:WARM_UP]:
        await agent.parse_message(text)
    parsed = []
    for text in texts:
        start = time.perf_counter()
        intent = (await agent.parse_message(text))["intent"]
        parsed.append([intent["name"], intent["confidence"], (time.perf_counter() - start) * 1000])
    return parsed


def main() -> None:
    """Standard output carries the answer only: Rasa prints to it too."""
    answer, sys.stdout = sys.stdout, sys.stderr
    json.dump(asyncio.run(parse(sys.argv[1], json.load(sys.stdin))), answer)


if __name__ == "__main__":
    main()
