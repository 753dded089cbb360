"""How sure to be in a base whose entries have no phrasings, such as somebody's FAQ on its first day.

Nothing can be left out of one question an entry, so the weights are learned elsewhere: from the shipped entries thinned
to such a FAQ (evaluation/training/foreign_prior.py).
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from knowledge_base.calibration import UNFITTED, Calibration, from_json
from knowledge_base.ranking import FEATURES, SIMILARITIES

PRIOR = Path(__file__).parent / "foreign_prior.json"


@lru_cache(maxsize=1)
def prior() -> Calibration:
    """UNFITTED where the file is of a program with other features."""
    stored = json.loads(PRIOR.read_text(encoding="utf-8")) if PRIOR.exists() else {}
    if stored.get("features") != list(FEATURES) or stored.get("similarities") != list(SIMILARITIES):
        return UNFITTED
    return replace(from_json(stored), source="prior")
