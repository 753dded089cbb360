"""An entry in memory, shared by threads: what one of them leaves out is nobody else's business."""

from __future__ import annotations

import numpy as np

from knowledge_base.entries import Entry
from knowledge_base.entry_index import EntryIndex, Phrasings, indexed
from knowledge_base.weighing import Rarity

TEXTS = ["怎么退货", "退货怎么办", "return my order"]


def index() -> EntryIndex:
    def read() -> Entry:
        raise AssertionError("nobody sees it")

    phrasings = Phrasings.unstored(range(len(TEXTS)), TEXTS, np.eye(len(TEXTS), dtype=np.float32))
    return indexed({"returns": (phrasings, read)}, Rarity(entries=1, entries_with={}))["returns"]


def test_what_one_thread_leaves_out_is_nobody_elses_business() -> None:
    shared = index()
    forms = shared.phrasings.forms
    kept = {form: shared.without(form) for form in forms}
    for form, found in kept.items():
        assert found is not None and found.phrasings.forms == [other for other in forms if other != form]
    assert list(shared.phrasings.forms) == list(forms)


def test_without_its_only_phrasing_nothing_is_left() -> None:
    two = index().without(TEXTS[2])
    assert two is not None and two.phrasings.texts == TEXTS[:2]
    one = two.without(two.phrasings.forms[0])
    assert one is not None and one.without("never written") is one
    assert one.without(one.phrasings.forms[0]) is None
