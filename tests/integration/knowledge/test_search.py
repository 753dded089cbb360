"""Search, outcome, context, variants and the is-it-a-question check, on the demo shop's knowledge base in PostgreSQL."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from psycopg_pool import AsyncConnectionPool

from bot.answer_skill import Knowledge
from evaluation.knowledge import as_found, figures, our_search, plain_bm25, read_questions
from knowledge_base.calibrating import recalibrate_if_needed
from knowledge_base.entries import load_content
from knowledge_base.errors import UnknownEntry, UnknownLanguage
from knowledge_base.indexing import VECTOR_INDEX
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.ranking import rank, similarities
from knowledge_base.retrieval import LIMITS, make_query, retrieve, vector_text
from knowledge_base.search import query_form
from knowledge_base.text_normalisation import matching_form
from knowledge_base.weighing import weigh
from tests import knowledge


@pytest.fixture(scope="module")
async def pool(module_knowledge_url: str) -> AsyncIterator[AsyncConnectionPool]:
    async with AsyncConnectionPool(module_knowledge_url, min_size=1, max_size=4, open=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def base(pool: AsyncConnectionPool) -> LiveKnowledgeBase:
    return knowledge.knowledge_base(pool)


async def test_live_search_is_what_the_bot_needs(base: LiveKnowledgeBase) -> None:
    port: Knowledge = base
    assert (await port.search("怎么退货", language="zh-Hans")).candidates[0].entry == "return_how"


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("七天无理由退货怎么算", "return_window"),
        ("七天无里由退货怎么算", "return_window"),
        ("七天無理由退貨怎麼算", "return_window"),
        ("七日無理由係點計", "return_window"),
        ("what's your return window", "return_window"),
        ("件貨幾時到呀", "delivery_time"),
        ("退款多久大账？？？", "refund_time"),
        ("点子发票在哪下载", "invoice_get"),
        ("tuihuo", "return_how"),
        ("[订单卡片] 取消订单 取消订单", "cancel_unshipped"),
        ("WHERE IS MY ORDER", "tracking_where"),
        ("你好 请问怎么改地址 谢谢", "address_change_before"),
    ],
)
async def test_questions_as_typed_are_answered(base: LiveKnowledgeBase, text: str, entry: str) -> None:
    found = await base.search(text, language="zh-Hans")
    assert (found.outcome, found.answered) == ("answer", (entry,))
    assert found.answers and "{" not in found.answers[0]


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant-HK", "en"])
async def test_answer_carries_the_policy_figure_in_the_language_asked_for(
    base: LiveKnowledgeBase, language: str
) -> None:
    [text] = (await base.search("七天无理由退货怎么算", language=language)).answers
    assert {"zh-Hans": "7 天", "zh-Hant-HK": "7 日", "en": "7 days"}[language] in text


async def test_vip_variant_is_used_for_a_vip_only(base: LiveKnowledgeBase) -> None:
    assert "15 天" in await base.render("return_window", "zh-Hans", {"vip": True})
    assert "7 天" in await base.render("return_window", "zh-Hans", {"vip": False})
    assert "7 天" in await base.render("return_window", "zh-Hans", {})


async def test_short_follow_up_is_understood_from_the_entry_before(base: LiveKnowledgeBase) -> None:
    after_returns = await base.search("运费呢", language="zh-Hans", context="return_window")
    assert after_returns.candidates[0].entry == "return_freight_payer"
    unknown = await base.search("运费呢", language="zh-Hans", context="no_such_entry")
    assert unknown == await base.search("运费呢", language="zh-Hans")


@pytest.mark.parametrize(
    ("before", "text", "entry"),
    [
        ("return_window", "那运费呢", "return_freight_payer"),
        ("return_window", "運費呢", "return_freight_payer"),
        ("delivery_time", "運費呢", "shipping_fee"),
        ("exchange_size_colour", "要多久", "exchange_time"),
        ("repair_how", "要多久", "repair_time"),
        ("dispatch_time", "預售嗰啲呢", "presale_dispatch"),
        ("return_how", "and the postage?", "return_freight_payer"),
    ],
)
async def test_short_text_is_understood_from_the_topic_before(
    base: LiveKnowledgeBase, before: str, text: str, entry: str
) -> None:
    assert (await base.search(text, language="zh-Hans", context=before)).candidates[0].entry == entry


async def test_a_topic_stays_where_the_words_alone_are_another_ones(base: LiveKnowledgeBase) -> None:
    alone = await base.search("信用卡呢", language="zh-Hans")
    after = await base.search("信用卡呢", language="zh-Hans", context="refund_time")
    assert not alone.candidates[0].entry.startswith("refund")
    assert after.candidates[0].entry.startswith("refund")


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("怎么退货 运费谁承担", ["return_how", "return_freight_payer"]),
        ("发什么快递，几天能到？", ["courier_which", "delivery_time"]),
        ("點樣退貨 運費邊個出", ["return_how", "return_freight_payer"]),
        ("when will it ship and which courier do you use", ["dispatch_time", "courier_which"]),
        ("发错货了，而且还少了一件", ["wrong_item", "missing_item"]),
    ],
)
async def test_several_questions_get_several_answers_in_their_order(
    base: LiveKnowledgeBase, text: str, entries: list[str]
) -> None:
    found = await base.search(text, language="zh-Hans")
    assert (found.outcome, list(found.answered)) == ("answer", entries)
    assert len(found.answers) == len(found.languages) == len(entries)
    assert set(entries) <= {c.entry for c in found.candidates}
    assert found.probability <= min(c.probability for c in found.candidates if c.entry in entries) + 1e-3


@pytest.mark.parametrize(
    "text",
    [
        "还没发货 能改地址吗",
        "我在香港，怎么退货",
        "质量有问题 运费谁出",
        "昨天买的今天降价了，能退差价吗",
        "快递员没打电话 就放驿站了",
        "件衫太細 想換大碼",
        "i already shipped it back, when do i get the refund",
        "怎么退货，怎么退货",
        "退货运费谁出？运费谁承担",
    ],
)
async def test_one_question_gets_one_answer(base: LiveKnowledgeBase, text: str) -> None:
    assert len((await base.search(text, language="zh-Hans")).answered) <= 1


async def test_what_is_clear_by_itself_does_not_lean_on_the_entry_before(base: LiveKnowledgeBase) -> None:
    found = await base.search("七日無理由退貨係點計㗎", language="zh-Hant-HK", context="return_window")
    assert found.answered == ("return_window",)


@pytest.mark.parametrize(
    "text",
    ["明天北京天气怎么样", "write me a poem about the sea", "今晚邊度有波睇", "这个口红什么色号适合黄皮"],
)
async def test_what_lies_outside_is_not_answered(base: LiveKnowledgeBase, text: str) -> None:
    found = await base.search(text, language="zh-Hans")
    assert found.outcome != "answer" and found.answers == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "\x00\x00退",
        "😀😀😀",
        "退",
        "?",
        "a",
        "\ud800",
        "' \\ '' $1 %s",
        "退货" * 2_000,
        "x" * 10_000,
        "为什么" * 3_334,
    ],
)
async def test_bad_input_is_never_answered_and_never_fails(base: LiveKnowledgeBase, text: str) -> None:
    found = await base.search(text, language="en")
    assert 0 <= found.probability <= 1
    assert len(found.candidates) <= 3
    if not text.strip("\x00 ?\ud800😀"):
        assert found.outcome == "decline" and not found.is_question


@pytest.mark.parametrize("text", ["退", "修!", "券", "查"])
async def test_one_character_is_asked_back_at_most(base: LiveKnowledgeBase, text: str) -> None:
    found = await base.search(text, language="zh-Hans")
    assert found.outcome != "answer" and found.answers == ()


async def test_long_message_is_searched_quickly(base: LiveKnowledgeBase) -> None:
    started = time.thread_time()
    await base.search("我想问一下这个东西退货的话运费到底谁来出啊" * 500, language="zh-Hans")
    assert time.thread_time() - started < 0.25


async def test_candidates_come_best_first_with_probabilities_that_add_up(base: LiveKnowledgeBase) -> None:
    for text in ("运费", "退货", "refund", "发票错了怎么办"):
        found = await base.search(text, language="en")
        probabilities = [c.probability for c in found.candidates]
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) <= 1.01


@pytest.mark.parametrize(
    "text",
    [
        "谢谢", "好的", "嗯嗯", "你好", "在吗", "收到", "不用了谢谢", "ok thanks", "bye", "hello", "唔該晒", "多謝", "👍",
        "13912345678", "AX20251104000777", "上海市浦东新区世纪大道100号2栋301室", "李雷 13912345678", "尾号1234", "红色 L码",
        "wang@example.com", "No", "好的好的",
    ],
)  # fmt: skip
async def test_thanks_greetings_and_given_facts_are_no_questions(base: LiveKnowledgeBase, text: str) -> None:
    assert not (await base.search(text, language="zh-Hans")).is_question


@pytest.mark.parametrize(
    "text",
    [
        "怎么退货", "物流不动了", "发票", "好的 那运费呢", "谢谢 那多久到账", "refund", "件貨爛咗", "还没收到货", "where is it",
        "我要投诉", "谢谢，发票还没开", "你好，我想改地址", "少了一件", "催一下",
    ],
)  # fmt: skip
async def test_questions_and_needs_are_questions(base: LiveKnowledgeBase, text: str) -> None:
    assert (await base.search(text, language="zh-Hans")).is_question


async def test_unknown_entry_and_language_are_named(base: LiveKnowledgeBase) -> None:
    with pytest.raises(UnknownEntry, match="no_such_entry"):
        await base.render("no_such_entry", "en", {})
    with pytest.raises(UnknownLanguage, match="zh-Hant-HK"):
        await base.render("return_how", "zh-TW", {})


async def test_held_out_quality_does_not_fall(base: LiveKnowledgeBase) -> None:
    """Floors a few points under the figures of the day, so that a broken change is seen; not a goal to tune to."""
    questions, statements = read_questions()
    searched = await our_search(base, [*questions, *statements])
    ours = figures(questions, lambda q: as_found(searched[q]))
    plain = figures(questions, plain_bm25(load_content(knowledge.CONTENT)))
    assert ours["top-1"] >= 82 and ours["top-3"] >= 93
    assert ours["top-1"] > plain["top-1"]
    assert ours["direct right"] >= 95 and ours["outside direct"] <= 3
    assert sum(searched[s].is_question for s in statements) / len(statements) <= 0.1


async def test_a_second_fit_of_the_same_base_is_not_needed(pool: AsyncConnectionPool) -> None:
    assert not await recalibrate_if_needed(pool, knowledge.encoder())


async def test_the_calibration_that_customers_get_keeps_its_promise(base: LiveKnowledgeBase) -> None:
    """On phrasings that the fit did not see."""
    fitted = await base.calibration()
    assert fitted.examples > 1_500 and fitted.error <= 0.05


async def candidates(pool: AsyncConnectionPool, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What each half puts forward, by meaning and by words."""
    query = make_query(query_form(text), knowledge.encoder())
    async with pool.connection() as conn:
        found = await retrieve(conn, query, encoder=knowledge.encoder().hash)
    return found.by_meaning, found.by_words


@pytest.mark.parametrize(
    ("text", "entry"),
    [("钱咋还没回我卡上", "refund_time"), ("when does my cash come back", "refund_time")],
)
async def test_what_words_alone_miss_the_fusion_finds(
    base: LiveKnowledgeBase, pool: AsyncConnectionPool, text: str, entry: str
) -> None:
    _, by_words = await candidates(pool, text)
    assert by_words[0] != entry
    assert (await base.search(text, language="zh-Hans")).candidates[0].entry == entry


@pytest.mark.parametrize(
    ("text", "entry"),
    [("原路", "refund_where")],
)
async def test_what_meaning_alone_misses_the_fusion_finds(
    base: LiveKnowledgeBase, pool: AsyncConnectionPool, text: str, entry: str
) -> None:
    by_meaning, _ = await candidates(pool, text)
    assert by_meaning[0] != entry
    assert (await base.search(text, language="zh-Hans")).candidates[0].entry == entry


async def test_an_index_over_vectors_would_tell_all_the_neighbours_that_are_asked_for(
    pool: AsyncConnectionPool,
) -> None:
    query = make_query(query_form("怎么退货"), knowledge.encoder())
    async with pool.connection() as conn:
        await retrieve(conn, query, encoder=knowledge.encoder().hash)
        row = await (await conn.execute("select current_setting('hnsw.ef_search')::int")).fetchone()
    assert row is not None and row[0] >= LIMITS.neighbours


@pytest.mark.parametrize("text", ["怎么退货", "退款多久到账", "发票怎么开"])
async def test_with_an_index_over_vectors_every_entry_found_by_words_has_its_nearness(
    pool: AsyncConnectionPool, text: str
) -> None:
    """An entry's own phrasings are looked at, not those among the nearest of all that are the entry's."""
    query = make_query(query_form(text), knowledge.encoder())
    limits = replace(LIMITS, neighbours=1, looked_at=1, compared=100)
    index = VECTOR_INDEX.replace("{dimensions}", str(knowledge.encoder().dimensions)).encode()
    async with pool.connection() as conn, conn.transaction(force_rollback=True):
        without = await retrieve(conn, query, encoder=knowledge.encoder().hash, limits=limits)
        await conn.execute(index)
        await conn.execute("analyze knowledge_phrasings")  # as PostgreSQL does by itself after a while
        found = await retrieve(conn, query, encoder=knowledge.encoder().hash, limits=limits)
    nearest = {*without.by_meaning, *found.by_meaning}
    assert [c for c in found.candidates if c not in nearest] == [
        c for c in without.candidates if c not in nearest
    ]


async def test_every_phrasing_is_known_word_for_word_with_what_leads_in(
    pool: AsyncConnectionPool, base: LiveKnowledgeBase
) -> None:
    """Greetings and lead-ins are taken off a question, not off phrasings: «invoice please» is one."""
    async with pool.connection() as conn:
        rows = await (
            await conn.execute(
                "select entry, text, form from knowledge_phrasings where not is_title order by id"
            )
        ).fetchall()
        led_in = [(entry, text) for entry, text, form in rows if query_form(text) != form]
        assert len(led_in) > 5
        for entry, text in led_in:
            query = make_query(query_form(text), knowledge.encoder(), said=matching_form(text))
            found = await base.published.find(conn, query)
            indexes = await base.published.entries(conn, found.candidates)
            ranked = rank(
                similarities(indexes.values(), weigh(query, found)), base.published.calibration.ranking_array
            )
            assert ranked[0].similarity.entry == entry and ranked[0].similarity.is_said, text


async def test_a_search_leaves_connections_as_it_found_them(knowledge_database_url: str) -> None:
    async with AsyncConnectionPool(knowledge_database_url, min_size=1, max_size=1, open=False) as pool:
        base = knowledge.knowledge_base(pool)
        await base.search("怎么退货", language="zh-Hans")
        async with pool.connection() as conn:
            assert not conn.autocommit
        broken_off = asyncio.create_task(base.search("运费谁出", language="zh-Hans"))
        await asyncio.sleep(0.002)
        broken_off.cancel()
        await asyncio.gather(broken_off, return_exceptions=True)
        async with pool.connection() as conn:
            assert not conn.autocommit


async def test_the_centre_of_an_entry_tells_whether_it_is_worth_reading(pool: AsyncConnectionPool) -> None:
    query = make_query("怎么退货", knowledge.encoder())
    async with pool.connection() as conn, conn.transaction(force_rollback=True):
        before = await retrieve(conn, query, encoder=knowledge.encoder().hash)
        last = before.candidates[-1]
        await conn.execute(
            "update knowledge_entry_numbers set centre = %s::text::halfvec where entry = %s",
            (vector_text(query.vector), last),
        )
        after = await retrieve(conn, query, encoder=knowledge.encoder().hash)
    assert before.candidates.index(last) > after.candidates.index(last)
