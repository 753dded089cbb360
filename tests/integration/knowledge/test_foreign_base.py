"""Somebody's FAQ on its first day: found at once, and asked back until somebody has looked at its calibration."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg_pool import AsyncConnectionPool

from knowledge_base import calibration
from knowledge_base.calibration import UNFITTED, direct_answers
from knowledge_base.exchange import imports, running
from knowledge_base.exchange.columns import guess
from knowledge_base.exchange.imports import Options
from knowledge_base.exchange.preparing import Wishes
from knowledge_base.exchange.tables import read_table
from knowledge_base.foreign import prior
from knowledge_base.indexing import PhrasingIndexer, phrasings_of, sentences_of
from knowledge_base.items import entry_from_json
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.upkeep import bring_up_to_date
from tests.knowledge import encoder, knowledge_base

FAQ = Path(__file__).parents[3] / "evaluation" / "foreign_faqs" / "library.csv"
TITLE, NEAR = "怎么续借？", "请问一下这本书怎么续借呢"


@pytest.fixture
async def base(pool: AsyncConnectionPool) -> AsyncIterator[LiveKnowledgeBase]:
    """The library's FAQ, published and calibrated."""
    content, now = FAQ.read_bytes(), datetime.now(UTC)
    options = Options(wishes=Wishes(mapping=guess(read_table(FAQ.name, content).columns)), publish=True)
    async with pool.connection() as conn:
        kept = await imports.keep_upload(
            conn, uuid4(), FAQ.name, content, reading={}, options=options, by=None, now=now
        )
    await running.run(pool, kept.id, index=PhrasingIndexer(encoder()), now=lambda: now)
    await bring_up_to_date(pool, encoder())
    yield knowledge_base(pool)


async def test_direct_answers_wait_until_a_supervisor_switches_them_on(
    base: LiveKnowledgeBase, pool: AsyncConnectionPool
) -> None:
    fitted = await base.calibration()
    assert (fitted.source, fitted.direct) == ("prior", "waiting")
    assert fitted.interval[0] <= fitted.error <= fitted.interval[1]
    assert fitted.questions > 42
    asked = await base.search(NEAR, language="en")
    assert (asked.outcome, asked.candidates[0].title, asked.probability >= 0.8) == ("ask", TITLE, True)
    said = await base.search(TITLE, language="en")
    assert (said.outcome, said.languages) == ("answer", ("zh-Hans",))
    async with pool.connection() as conn:
        await calibration.switch(conn, encoder().hash, "on")
    assert (await base.search(NEAR, language="en")).outcome == "answer"
    async with pool.connection() as conn:
        await calibration.switch(conn, encoder().hash, "off")
    assert (await base.search(TITLE, language="en")).outcome == "ask"


def test_a_base_whose_own_phrasings_show_that_it_holds_answers_by_itself() -> None:
    own = calibration.from_json({**prior().as_json(), "source": "phrasings", "error": 0.05})
    assert direct_answers(own, "auto") == "on"
    assert direct_answers(calibration.from_json({**own.as_json(), "error": 0.2}), "auto") == "waiting"
    assert direct_answers(own, "off") == "off"
    assert direct_answers(UNFITTED, "auto") == "waiting"


def test_the_prior_is_of_this_program() -> None:
    assert prior().source == "prior"
    assert prior().examples > 1000


def test_an_entry_with_hardly_any_phrasings_is_found_by_the_sentences_of_its_answer() -> None:
    content = {
        "group": "faq",
        "title": {"en": "Pets"},
        "answer": {"en": "Dogs may come in. Cats may not, sorry."},
    }
    texts = [(p.text, p.is_title) for p in phrasings_of(entry_from_json("pets", content))]
    assert texts == [("Pets", True), ("Dogs may come in", True), ("Cats may not, sorry", True)]
    many = {**content, "phrasings": {"en": ["can i bring my dog", "are pets allowed"]}}
    assert len(list(phrasings_of(entry_from_json("pets", many)))) == 3
    assert list(sentences_of("用 {loan_days} 内还。可以。请到服务台！")) == ["用   内还", "请到服务台"]
