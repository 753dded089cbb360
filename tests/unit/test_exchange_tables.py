"""Files as people save them: encodings, delimiters, sheets; and those that cannot be used, with the fix."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from knowledge_base.exchange.columns import guess, language_named, missing
from knowledge_base.exchange.tables import Table, UnreadableFile, read_table

CHINESE = "问题,答案,分类\n怎么续借图书？,在借阅页面点续借，每本可续借一次。,借阅\n几点开门,早上九点开门，请带证件。,开放\n"
TRADITIONAL = (
    "問題,答案\n點樣續借圖書？,喺借閱頁面按續借，每本可以續借一次。\n幾點開門,朝早九點開門，請帶證件。\n"
)


def workbook(change: Callable[[Any], None], rows: list[list[Any]] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows or [["question", "answer"], ["Where?", "Here."], ["When?", "Now."]]:
        book.active.append(row)
    change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def texts(table: Table) -> list[list[str]]:
    return [list(row.cells.values()) for row in table.rows]


@pytest.mark.parametrize(
    ("encoding", "text", "found"),
    [
        ("utf-8", CHINESE, "utf-8"),
        ("utf-8-sig", CHINESE, "utf-8-sig"),
        ("utf-16", CHINESE, "utf-16"),
        ("gb18030", CHINESE, "gb18030"),
        ("big5hkscs", TRADITIONAL, "big5"),
        ("utf-8", TRADITIONAL, "utf-8"),
    ],
)
def test_encodings_of_chinese_spreadsheets_are_found(encoding: str, text: str, found: str) -> None:
    table = read_table("faq.csv", text.encode(encoding))
    assert table.encoding == found
    assert list(table.columns) == text.split("\n")[0].split(",")
    assert [",".join(cells) for cells in texts(table)] == text.split("\n")[1:3]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(delimiter: str) -> None:
    text = f'question{delimiter}answer\n"a, b; c"{delimiter}"one\ntwo"\nd{delimiter}e\n'
    assert texts(read_table("faq.csv", text.encode())) == [["a, b; c", "one\ntwo"], ["d", "e"]]


@pytest.mark.parametrize(
    ("name", "content", "reason", "fix"),
    [
        ("faq.csv", b"", "empty", "header"),
        ("faq.csv", b"question,answer\n", "no_rows", "row for each question"),
        ("faq.csv", "question,answer\ncaf\xe9,na\xefve\n".encode("latin-1"), "wrong_encoding", "CSV UTF-8"),
        (
            "faq.csv",
            ("q,a\n" + "锟斤拷锟斤拷,锟斤拷锟斤拷\n" * 3).encode(),
            "saved_in_wrong_encoding",
            "CSV UTF-8",
        ),
        ("faq.csv", b"q,a\n" + b'"' + b"x" * 1_100_000, "broken_csv", "quotation mark"),
        ("faq.xlsx", b"no workbook", "not_a_workbook", "Excel Workbook"),
        ("faq.xlsx", b"PK\x03\x04broken", "broken_workbook", "Excel Workbook"),
        ("faq.xls", b"\xd0\xcf\x11\xe0old", "not_a_workbook", "Excel Workbook"),
        ("faq.json", b'[{"question": "a"', "broken_json", "comma"),
        ("faq.json", b'{"a": [1]}', "no_list", '"question"'),
        ("faq.json", b"[" * 100_000, "nested_too_deeply", '"question"'),
        ("faq.yml", b"a: [b", "broken_yaml", "indentation"),
        ("faq.yml", b"a: &x [y, y]\nb: &z [*x, *x]\nc: [*z, *z]", "yaml_aliases", "Write each text out"),
        ("faq.yml", b"!!python/object/apply:os.system [ls]", "broken_yaml", "indentation"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_do(name: str, content: bytes, reason: str, fix: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_table(name, content)
    assert caught.value.reason == reason
    assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("name", "content", "values"),
    [
        ("faq.csv", ("q,a\n" + "锟斤拷锟斤拷,锟斤拷锟斤拷\n" * 3).encode(), {"line": "2", "found": "锟斤拷"}),
        ("faq.csv", b"q," * 300 + b"\n1,2\n", {"columns": "301", "most": "200"}),
        ("faq.json", b'[{"question": "a",\n "answer" "b"}]', {"line": "2", "column": "11"}),
        ("faq.yml", b"a: b\nc: [d\n", {"line": "3"}),
    ],
)
def test_what_is_wrong_with_a_file_has_its_place_as_values(
    name: str, content: bytes, values: dict[str, str]
) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_table(name, content)
    assert caught.value.values == values


def test_an_encoding_that_is_named_and_wrong_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="not utf-8: byte"):
        read_table("faq.csv", CHINESE.encode("gb18030"), encoding="utf-8")
    with pytest.raises(UnreadableFile, match="'klingon' is not known"):
        read_table("faq.csv", b"\xff\xd8,", encoding="klingon")


@pytest.mark.parametrize("encoding", ["unicode_escape", "undefined", "idna", "hex", "\x00"])
def test_codecs_that_are_no_encodings_of_files_are_not_known(encoding: str) -> None:
    with pytest.raises(UnreadableFile, match="is not known"):
        read_table("faq.csv", rb"q,a\ud800", encoding=encoding)


@pytest.mark.parametrize("delimiter", ['"', "\n", "\r"])
def test_what_parts_no_columns_is_no_delimiter(delimiter: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_table("faq.csv", b"q,a\nx,y\n", delimiter=delimiter)
    assert caught.value.reason == "bad_delimiter"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("faq.csv", b"q\x00,a\nx,y\nx\x00,y\n"),
        ("faq.json", rb'[{"q\u0000": "x", "a": "y"}, {"q\ud800": "x\udfff", "a": "y"}]'),
    ],
)
def test_characters_that_cannot_be_kept_are_their_cells_fault(name: str, content: bytes) -> None:
    table = read_table(name, content)
    assert table.columns == ("q", "a")
    assert [dict(row.cells) for row in table.rows] == [{"q": "x", "a": "y"}] * 2
    assert [[(f.column, f.code) for f in row.faults] for row in table.rows] == [[], [("q", "broken_text")]]


def test_a_workbook_that_unpacks_to_far_too_much_is_never_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    with pytest.raises(UnreadableFile) as caught:
        read_table("faq.xlsx", file.getvalue())
    assert caught.value.reason == "workbook_too_large"


def test_cells_far_to_the_right_take_no_memory() -> None:
    def spoil(book: Any) -> None:
        for row in range(4, 600):
            book.active.cell(row, 16_384, " ")

    content = workbook(spoil)
    tracemalloc.start()
    table = read_table("faq.xlsx", content)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert table.columns[:2] == ("question", "answer")
    assert most < 20_000_000


def test_more_merged_cells_than_anybody_means_are_refused() -> None:
    def spoil(book: Any) -> None:
        for column in range(3, 6):
            book.active.merge_cells(start_row=4, end_row=40_000, start_column=column, end_column=column)

    with pytest.raises(UnreadableFile) as caught:
        read_table("faq.xlsx", workbook(spoil))
    assert caught.value.reason == "too_many_merged"


def test_formulas_errors_and_merged_cells_are_told_by_row_and_column() -> None:
    def spoil(book: Any) -> None:
        book.active["B2"] = "=A2&A3"
        book.active["A4"], book.active["A5"], book.active["B5"] = "Who?", "Why?", "Because."
        book.active.merge_cells("B3:B4")

    table = read_table("faq.xlsx", workbook(spoil))
    faults = {row.number: [(f.column, f.code) for f in row.faults] for row in table.rows}
    assert faults == {
        2: [("answer", "formula_cell")],
        3: [("", "merged_cells")],
        4: [("", "merged_cells")],
        5: [],
    }


def test_hidden_sheets_are_passed_over_and_named() -> None:
    def hide(book: Any) -> None:
        book.active.title = "old"
        book.active.sheet_state = "hidden"
        book.create_sheet("faq").append(["问题", "答案"])
        book["faq"].append(["能续借吗", "能。"])

    content = workbook(hide)
    table = read_table("faq.xlsx", content)
    assert texts(table) == [["能续借吗", "能。"]]
    assert [(note.code, note.values) for note in table.notes] == [
        ("other_sheets", {"sheet": "faq", "others": "old"})
    ]
    assert texts(read_table("faq.xlsx", content, sheet="old"))[0] == ["Where?", "Here."]
    with pytest.raises(UnreadableFile, match="Sheets: old, faq"):
        read_table("faq.xlsx", content, sheet="new")


def test_numbers_and_dates_of_a_workbook_become_texts_and_a_title_row_is_skipped() -> None:
    rows: list[list[Any]] = [["Our FAQ"], ["question", "answer"], ["How many?", 21.0], ["Open?", True]]
    table = read_table("faq.xlsx", workbook(lambda book: None, rows))
    assert [(row.number, list(row.cells.values())) for row in table.rows] == [
        (3, ["How many?", "21"]),
        (4, ["Open?", "true"]),
    ]


@pytest.mark.parametrize(
    "written",
    [
        [{"question": "Where?", "answer": "Here."}],
        {"faq": [{"question": "Where?", "answer": "Here."}]},
        {"Where?": "Here."},
    ],
)
def test_json_and_yaml_keep_their_rows_in_several_places(written: object) -> None:
    for name in ("faq.json", "faq.yml"):
        assert texts(read_table(name, json.dumps(written).encode())) == [["Where?", "Here."]]


def test_nested_json_becomes_columns_with_languages() -> None:
    row = {
        "q": {"en": "Where?", "zh-CN": "在哪"},
        "a": {"en": "Here.", "zh-CN": "这里"},
        "similar": ["place", "spot"],
    }
    table = read_table("faq.json", json.dumps([row]).encode())
    assert guess(table.columns) == {
        "q.en": "question.en",
        "q.zh-CN": "question.zh-Hans",
        "a.en": "answer.en",
        "a.zh-CN": "answer.zh-Hans",
        "similar": "phrasings",
    }


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        ("问题|答案|分类|相似问法", "question|answer|group|phrasings"),
        ("問題|回答|類別|語言", "question|answer|group|language"),
        ("Q|A", "question|answer"),
        (
            "Question (EN)|Answer (EN)|问题（简体）|答案（简体）",
            "question.en|answer.en|question.zh-Hans|answer.zh-Hans",
        ),
        ("question_zh_tw|answer_zh_tw", "question.zh-Hant-HK|answer.zh-Hant-HK"),
        ("标题|内容", "question|answer"),
        ("编号|标准问|标准答案|序号", "id|question|answer|None"),
        ("Category|Title|Body|Created at", "group|question|answer|None"),
    ],
)
def test_columns_are_understood_by_their_names(columns: str, fields: str) -> None:
    found = guess(columns.split("|"))
    assert "|".join(str(field) for field in found.values()) == fields
    assert missing(found) == ()


def test_what_no_row_can_do_without_is_named() -> None:
    assert missing(guess(["name of the cat", "colour"])) == ("question", "answer")
    assert missing(guess(["问题"])) == ("answer",)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("zh-CN", "zh-Hans"),
        ("繁體中文", "zh-Hant-HK"),
        ("English", "en"),
        ("zh_TW", "zh-Hant-HK"),
        ("fr", None),
    ],
)
def test_languages_are_known_by_many_names(text: str, language: str | None) -> None:
    assert language_named(text) == language
