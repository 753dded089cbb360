"""Search, outcome, context, variants and the is-it-a-question check, on the demo shop's content."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluation.knowledge import figures, our_search, plain_bm25, read_questions
from knowledge_base.calibration import FILE, Calibration, StaleCalibration, load_calibration
from knowledge_base.calibration_training import fit
from knowledge_base.entries import load_content
from knowledge_base.errors import UnknownEntry, UnknownLanguage
from knowledge_base.search import KnowledgeBase, PhrasingSearch, load_knowledge_base
from service.cli.kb import command

ROOT = Path(__file__).parents[2]
CONTENT = ROOT / "knowledge_base" / "content"


@pytest.fixture(scope="module")
def base() -> PhrasingSearch:
    return load_knowledge_base(CONTENT)


def test_search_is_a_knowledge_base(base: PhrasingSearch) -> None:
    port: KnowledgeBase = base
    assert port.search("怎么退货", language="zh-Hans").candidates[0].entry == "return_how"


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("七天无理由退货怎么算", "return_window"),
        ("七天无里由退货怎么算", "return_window"),
        ("七天無理由退貨怎麼算", "return_window"),
        ("件貨幾時到呀", "delivery_time"),
        ("退款多久大账？？？", "refund_time"),
        ("点子发票在哪下载", "invoice_get"),
        ("tuihuo", "return_how"),
        ("[订单卡片] 取消订单 取消订单", "cancel_unshipped"),
        ("WHERE IS MY ORDER", "tracking_where"),
        ("你好 请问怎么改地址 谢谢", "address_change_before"),
    ],
)
def test_questions_as_typed_are_answered(base: PhrasingSearch, text: str, entry: str) -> None:
    found = base.search(text, language="zh-Hans")
    assert (found.outcome, found.answered) == ("answer", (entry,))
    assert found.answers and "{" not in found.answers[0]


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant-HK", "en"])
def test_answer_carries_the_policy_figure_in_the_language_asked_for(
    base: PhrasingSearch, language: str
) -> None:
    [text] = base.search("七天无理由退货怎么算", language=language).answers
    assert {"zh-Hans": "7 天", "zh-Hant-HK": "7 日", "en": "7 days"}[language] in text


def test_vip_variant_is_used_for_a_vip_only(base: PhrasingSearch) -> None:
    assert "15 天" in base.render("return_window", "zh-Hans", {"vip": True})
    assert "7 天" in base.render("return_window", "zh-Hans", {"vip": False})
    assert "7 天" in base.render("return_window", "zh-Hans", {})


def test_figures_follow_the_policy_table() -> None:
    content = load_content(CONTENT)
    figure = replace(content.policy.figures["return_window_days"], value=15)
    policy = replace(content.policy, figures={**content.policy.figures, "return_window_days": figure})
    base = PhrasingSearch(replace(content, policy=policy), load_calibration(CONTENT / FILE))
    assert "15 天" in base.render("return_window", "zh-Hans", {})


def test_short_follow_up_is_understood_from_the_entry_before(base: PhrasingSearch) -> None:
    after_returns = base.search("运费呢", language="zh-Hans", context="return_window")
    assert after_returns.candidates[0].entry == "return_freight_payer"
    unknown = base.search("运费呢", language="zh-Hans", context="no_such_entry")
    assert unknown == base.search("运费呢", language="zh-Hans")


@pytest.mark.parametrize(
    "text",
    ["明天北京天气怎么样", "write me a poem about the sea", "今晚邊度有波睇", "这个口红什么色号适合黄皮"],
)
def test_what_lies_outside_is_not_answered(base: PhrasingSearch, text: str) -> None:
    found = base.search(text, language="zh-Hans")
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
        "退货" * 2_000,
        "x" * 10_000,
        "为什么" * 3_334,
    ],
)
def test_bad_input_is_never_answered_and_never_fails(base: PhrasingSearch, text: str) -> None:
    found = base.search(text, language="en")
    assert 0 <= found.probability <= 1
    assert len(found.candidates) <= 3
    base.is_question(text)
    if not text.strip("\x00 ?\ud800😀"):
        assert found.outcome == "decline" and not base.is_question(text)


def test_long_message_is_searched_quickly(base: PhrasingSearch) -> None:
    started = time.thread_time()
    base.search("我想问一下这个东西退货的话运费到底谁来出啊" * 500, language="zh-Hans")
    assert time.thread_time() - started < 0.25


def test_candidates_come_best_first_with_probabilities_that_add_up(base: PhrasingSearch) -> None:
    for text in ("运费", "退货", "refund", "发票错了怎么办"):
        found = base.search(text, language="en")
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
def test_thanks_greetings_and_given_facts_are_no_questions(base: PhrasingSearch, text: str) -> None:
    assert not base.is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "怎么退货", "物流不动了", "发票", "好的 那运费呢", "谢谢 那多久到账", "refund", "件貨爛咗", "还没收到货", "where is it",
        "我要投诉", "谢谢，发票还没开", "你好，我想改地址", "少了一件", "催一下",
    ],
)  # fmt: skip
def test_questions_and_needs_are_questions(base: PhrasingSearch, text: str) -> None:
    assert base.is_question(text)


def test_unknown_entry_and_language_are_named(base: PhrasingSearch) -> None:
    with pytest.raises(UnknownEntry, match="no_such_entry"):
        base.render("no_such_entry", "en", {})
    with pytest.raises(UnknownLanguage, match="zh-Hant-HK"):
        base.render("return_how", "zh-TW", {})


def test_calibration_of_other_content_is_refused(tmp_path: Path) -> None:
    content = load_content(CONTENT)
    stored = load_calibration(CONTENT / FILE)
    with pytest.raises(StaleCalibration, match="calibration_training"):
        PhrasingSearch(content, replace(stored, content_hash="other"))
    for written in (
        "",
        "{}",
        "[1]",
        '{"content_hash": 1, "features": ["x"], "weights": [1], "intercept": 0, "examples": 1}',
    ):
        (tmp_path / FILE).write_text(written)
        with pytest.raises(StaleCalibration):
            load_calibration(tmp_path / FILE)
    with pytest.raises(StaleCalibration, match="missing"):
        load_calibration(tmp_path / "none.json")


def test_stored_calibration_is_what_training_gives(tmp_path: Path) -> None:
    fitted = fit(load_content(CONTENT))
    fitted.save(tmp_path / FILE)
    again: Calibration = load_calibration(tmp_path / FILE)
    stored = load_calibration(CONTENT / FILE)
    assert again.weights == pytest.approx(stored.weights, abs=0.05)


def test_held_out_quality_does_not_fall() -> None:
    """Floors a few points under the figures of the day, so that a broken change is seen; not a goal to tune to."""
    base = load_knowledge_base(CONTENT)
    questions, statements = read_questions()
    ours = figures(questions, our_search(base))
    plain = figures(questions, plain_bm25(load_content(CONTENT)))
    assert ours["top-1"] >= 80 and ours["top-3"] >= 92
    assert ours["top-1"] > plain["top-1"]
    assert ours["direct right"] >= 95 and ours["outside direct"] <= 3
    assert sum(base.is_question(s.text) for s in statements) / len(statements) <= 0.1


def test_search_takes_under_three_milliseconds(base: PhrasingSearch) -> None:
    times = []
    for question in read_questions()[0]:
        started = time.thread_time()
        base.search(question.text, language=question.language)
        times.append(time.thread_time() - started)
    assert sorted(times)[int(0.95 * len(times))] < 0.003


def run(*lines: str, arguments: tuple[str, ...] = ()) -> tuple[int, list[dict[str, object]], str]:
    done = CliRunner().invoke(command, ["search", *arguments], input="\n".join(lines) + "\n" if lines else "")
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_command_answers_a_line_with_a_line() -> None:
    code, answers, _ = run(
        json.dumps({"id": 7, "text": "七天无理由退货怎么算", "customer": {"vip": True}}),
        "how long does a refund take",
    )
    assert code == 0
    assert answers[0]["id"] == 7 and answers[0]["outcome"] == "answer"
    assert list(answers[0]) == ["id", "outcome", "probability", "candidates", "answers"]
    [said] = answers[0]["answers"]  # type: ignore[misc]
    assert said["entry"] == "return_window" and "15 天" in said["text"]
    assert set(answers[0]["candidates"][0]) == {"entry", "probability", "phrasing"}  # type: ignore[index]
    assert "id" not in answers[1]
    assert answers[1]["answers"][0]["language"] == "en"  # type: ignore[index]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": 1}', "text"),
        ('{"text": 5}', "text"),
        ('{"text": "退货", "lang": "fr"}', "zh-Hant-HK"),
        ('{"text": "退货", "customer": {"moon": true}}', "customer.moon"),
        ('{"text": "退货", "customer": {"vip": "very"}}', "customer.vip"),
        ('{"text": "退货", "customer": [1]}', "customer"),
    ],
)
def test_command_refuses_a_wrong_line_as_a_usage_error(line: str, says: str) -> None:
    code, answers, error = run(line)
    assert code == 2 and answers == [] and says in error


def test_command_says_what_is_wrong_with_a_content_folder(tmp_path: Path) -> None:
    code, _, error = run("退货", arguments=("--content", str(tmp_path)))
    assert code == 1 and "policy.yml" in error


def test_command_starts_quickly() -> None:
    """Processor time, so that a busy machine does not decide; DESIGN.md asks for a start in under a second."""
    script = (
        "import time; from click.testing import CliRunner; from service.cli.kb import command;"
        "assert CliRunner().invoke(command, ['search', '怎么退货']).exit_code == 0; print(time.process_time())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert float(done.stdout) < 2.0
