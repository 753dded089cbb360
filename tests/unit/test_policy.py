"""The policy table: the figures of the demo shop, how they read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.errors import ContentError
from knowledge_base.policy import LANGUAGES, Policy, UnknownFigure, load_policy

CONTENT = Path(__file__).parents[2] / "knowledge_base" / "content"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(CONTENT / "policy.yml")


def written(folder: Path, text: str) -> Path:
    path = folder / "policy.yml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, row: str, *, head: str = "format: 1\nrevision: 1\n") -> str:
    with pytest.raises(ContentError) as caught:
        load_policy(written(folder, f"{head}figures:\n{row}"))
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("return_window_days", 7),
        ("return_window_vip_days", 15),
        ("quality_return_days", 15),
        ("freight_insurance_cents", 1200),
        ("freight_insurance_hours", 72),
        ("shop_freight_cents", 2500),
        ("dispatch_hours", 48),
        ("no_return_under_cents", 3000),
        ("price_protection_sale_days", 30),
        ("vip_spend_cents", 500_000),
        ("data_deletion_days", 15),
        ("authority_bot_cents", 2500),
    ],
)
def test_demo_shop_has_the_figures_of_its_policy(policy: Policy, name: str, value: int) -> None:
    assert policy.number(name) == value


def test_ranges_and_times_of_day_are_typed(policy: Policy) -> None:
    assert policy.range("refund_credit_card_days") == (3, 7)
    assert policy.range("return_window_days") == (7, 7)
    assert policy.clock("agents_until") == "24:00"
    with pytest.raises(TypeError):
        policy.number("refund_credit_card_days")
    with pytest.raises(TypeError):
        policy.clock("return_window_days")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("return_window_days", ("7 天", "7 日", "7 days")),
        ("refund_debit_card_days", ("1–3 个工作日", "1–3 個工作天", "1–3 working days")),
        ("freight_insurance_cents", ("12 元", "人民幣 12 元", "¥12")),
        ("vip_spend_cents", ("5,000 元", "人民幣 5,000 元", "¥5,000")),
        ("quality_repair_years", ("1 年", "1 年", "1 year")),
        ("account_lock_minutes", ("30 分钟", "30 分鐘", "30 minutes")),
        ("agents_from", ("08:00", "08:00", "08:00")),
    ],
)
def test_figures_read_as_each_language_writes_them(
    policy: Policy, name: str, expected: tuple[str, str, str]
) -> None:
    assert tuple(policy.figure(name).written(language) for language in LANGUAGES) == expected


def test_cents_are_shown_only_where_there_are_some(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "format: 1\nrevision: 1\nfigures:\n  fee_cents: {value: 1250, unit: cents, description: A fee}\n",
    )
    assert load_policy(path).figure("fee_cents").written("en") == "¥12.50"


def test_unknown_figure_names_the_nearest(policy: Policy) -> None:
    with pytest.raises(UnknownFigure, match="return_window_days"):
        policy.figure("return_windw_days")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("  a_days: {value: -1, unit: days, description: x}", "a_days: value"),
        ("  a_days: {value: [5, 2], unit: days, description: x}", "a_days: value"),
        ("  a_days: {value: true, unit: days, description: x}", "a_days: value"),
        ("  a_days: {value: seven, unit: days, description: x}", "a_days: value"),
        ("  a_days: {value: 7, unit: dayz, description: x}", "Did you mean 'days'"),
        ("  a_days: {value: 7, unit: days}", "a_days: description"),
        ("  a_days: {value: 7, unit: days, description: x, colour: red}", "colour"),
        ("  a: {value: '25:00', unit: clock, description: x}", "HH:MM"),
        ("  A-Days: {value: 7, unit: days, description: x}", "not a figure's name"),
        ("  a_days: 7", "value, unit and description"),
        (
            "  a_days: {value: 7, unit: days, description: x}\n  a_days: {value: 8, unit: days, description: x}",
            "stands twice",
        ),
    ],
)
def test_wrong_row_is_refused_with_file_key_and_fix(tmp_path: Path, row: str, says: str) -> None:
    message = refusal(tmp_path, row)
    assert message.startswith("policy.yml")
    assert says in message


@pytest.mark.parametrize("head", ["format: 2\nrevision: 1\n", "format: 1\nrevision: 0\n", "format: 1\n"])
def test_wrong_version_is_refused(tmp_path: Path, head: str) -> None:
    assert "policy.yml" in refusal(tmp_path, "  a_days: {value: 7, unit: days, description: x}", head=head)


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    message = refusal(tmp_path, "  a: 1\n  b: 2")
    assert "policy.yml: a" in message and "policy.yml: b" in message


def test_missing_broken_and_wrongly_encoded_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="no such file"):
        load_policy(tmp_path / "policy.yml")
    with pytest.raises(ContentError, match="not readable YAML"):
        load_policy(written(tmp_path, "figures: [1, 2"))
    (tmp_path / "policy.yml").write_bytes("退货".encode("gbk"))
    with pytest.raises(ContentError, match="UTF-8"):
        load_policy(tmp_path / "policy.yml")
