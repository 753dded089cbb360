"""Figures as files: their shape, the pages beside them, and that no page quotes what its file does not say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evaluation import intents, knowledge, knowledge_peers, measured_models, written_figures
from evaluation.measured_models import Measured, NotMeasured, Plan, about, file_hash, markdown_table
from evaluation.written_figures import (
    FIGURES,
    TITLES,
    WrongFigures,
    check,
    freshly_quoted,
    pages,
    read_all,
    write,
)
from knowledge_base.encoder import SHIPPED, STATIC_CONFIG
from service.cli import main

MODELS = [name for name in TITLES if name != "chat"]
WRITTEN = [name for name in MODELS if "about" in read_all().get(name, {})]
"""Those that the command has written already."""


def figures(**more: Any) -> dict[str, Any]:
    found = about({"split": 7}, [Path(__file__)])
    return {"about": found, "measures": {"angry_recall": 0.874, "messages": 1425}, **more}


def test_each_written_file_fits_the_shape_and_has_its_page() -> None:
    for name in WRITTEN:
        check(name, read_all()[name])
        page = (FIGURES / f"{name}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# {TITLES[name]}\n")
        assert f"({name}.json)" in page


def test_pages_quote_what_the_files_say() -> None:
    found, quoting = read_all(), 0
    for page in pages():
        text = page.read_text(encoding="utf-8")
        assert freshly_quoted(text, found) == text, page
        quoting += "<!--figure" in text
    assert quoting >= 1


def test_what_is_written_is_read_again_and_indexed(tmp_path: Path) -> None:
    table = markdown_table("figure", {"ours": {"top-1": 0.91}, "BM25": {"top-1": 0.62}})
    write("knowledge", Measured(figures=figures(), markdown=table), tmp_path)
    written_figures.write_index(tmp_path)
    assert read_all(tmp_path)["knowledge"]["measures"]["angry_recall"] == 0.874
    assert "| top-1 | 0.91 | 0.62 |" in (tmp_path / "knowledge.md").read_text(encoding="utf-8")
    index = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "(knowledge.md)" in index
    assert "split 7" in index
    assert file_hash(Path(__file__)) in index


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"about": None}, "about is missing"),
        ({"about": {"command": "x"}}, "about.measured_at"),
        ({"about": {**about({}, [Path(__file__)]), "data": {}}}, "hashes of files"),
        ({"about": about({}, [Path(__file__)]), "measures": {}}, "no figure"),
    ],
)
def test_a_file_of_another_shape_is_not_written(wrong: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(WrongFigures, match=says):
        write("encoder", Measured(figures=wrong, markdown=""), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_quote_is_written_anew_with_the_decimals_it_had() -> None:
    text = "misses <!--figure triage:measures/angry_recall-->0.1<!--/--> of <!--figure triage:measures/messages-->9<!--/-->"
    told = freshly_quoted(text, {"triage": figures()})
    assert told == text.replace(">0.1<", ">0.9<").replace(">9<", ">1425<")


def test_a_quote_of_nothing_is_an_error() -> None:
    with pytest.raises(WrongFigures, match="no measures/joy"):
        freshly_quoted("<!--figure triage:measures/joy-->0.1<!--/-->", {"triage": figures()})


def test_a_part_that_fails_is_named_and_the_others_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def fine(_: Plan) -> Measured:
        return Measured(figures=figures(), markdown="| a table |")

    def broken(_: Plan) -> Measured:
        raise NotMeasured("Rasa is not here")

    parts = {"encoder": broken, "triage": fine, "intents": fine, "knowledge": fine}
    monkeypatch.setattr(measured_models, "PARTS", parts)
    done = CliRunner().invoke(main, ["eval", "models", "--no-write"])
    assert done.exit_code == 1
    assert "not measured: encoder" in done.output
    assert "Rasa is not here" in done.output
    assert done.stdout.count("| a table |") == 3


def test_a_folder_without_the_public_data_is_a_usage_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["eval", "models", "--data", str(tmp_path)])
    assert done.exit_code == 2
    assert "positive_pairs.jsonl.gz" in done.output


def test_outside_a_clone_it_says_what_to_do_instead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("bot.rasa_places.PROGRAM", tmp_path)
    done = CliRunner().invoke(main, ["eval", "models"])
    assert done.exit_code == 1
    assert "anxin train --check" in done.output


@pytest.mark.parametrize("file", sorted(FIGURES.glob("*.json")), ids=lambda file: file.stem)
def test_every_figures_file_is_json_that_browsers_read(file: Path) -> None:
    json.loads(
        file.read_text(encoding="utf-8"), parse_constant=lambda name: pytest.fail(f"{name} is no JSON")
    )


def measured_by_rasa(pipeline: object, trained: list[Any], asked: list[Any]) -> dict[str, Any]:
    """What evaluation.intents.measure gives, without Rasa: everything is taken for the first intent."""
    found = intents.figures([(asked[0].intent, 0.9, 1.0)] * len(asked), trained, asked)
    return {**found, "parse_p50_ms": 1.0, "parse_p95_ms": 2.0, "training_s": 3.0}


def test_slow_peers_are_trained_once_and_then_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trained: list[int] = []
    told: list[str] = []

    def measure(pipeline: list[Any], examples: list[Any], asked: list[Any]) -> dict[str, Any]:
        trained.append(len(pipeline))
        return measured_by_rasa(pipeline, examples, asked)

    monkeypatch.setattr(intents, "measure", measure)
    quick = Plan(data=None, cache=tmp_path, with_slow_peers=False, say=told.append)
    assert list(measured_models.intents(quick).figures["pipelines"]) == ["shipped"]
    assert any("DIET left out (--no-slow-peers)" in line for line in told)
    whole = Plan(data=None, cache=tmp_path, with_slow_peers=True, say=told.append)
    assert list(measured_models.intents(whole).figures["pipelines"]) == list(intents.pipelines())
    trained.clear()
    again = measured_models.intents(quick)
    assert list(again.figures["pipelines"]) == list(intents.pipelines())
    assert len(trained) == 1
    check("intents", again.figures)
    assert "| out_of_scope_recall | 0.0 |" in again.markdown


def test_without_the_public_data_the_encoder_is_measured_on_our_own_sets(tmp_path: Path) -> None:
    told: list[str] = []
    plan = Plan(data=None, cache=tmp_path, with_slow_peers=False, say=told.append)
    measured = measured_models.encoder(plan)
    check("encoder", measured.figures)
    assert measured.figures["with_public_data"] is False
    assert measured.figures["sets"]["English FAQ, usual words"]["encoder"] > 0.8
    assert any("no public data" in line for line in told)


def test_an_encoder_is_not_asked_what_it_has_learned_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from evaluation.training import encoder_data, encoder_figures

    told: list[bool] = []

    def dev_sets(corpus: object, held_out: object, *, ours_alone: bool) -> encoder_figures.DevSets:
        told.append(ours_alone)
        return encoder_figures.own_sets([])

    monkeypatch.setattr(encoder_data, "read_corpus", lambda folder: None)
    monkeypatch.setattr(encoder_data, "hold_out", lambda corpus: None)
    monkeypatch.setattr(encoder_figures, "dev_sets", dev_sets)
    for name in measured_models.ENCODER_DATA:
        (tmp_path / name).touch()
    plan = Plan(data=tmp_path, cache=tmp_path, with_slow_peers=False, say=lambda line: None)
    measured = measured_models.encoder(plan)
    made = json.loads((SHIPPED / STATIC_CONFIG).read_text(encoding="utf-8"))
    assert told == [made["with_held_out"]]
    assert ("model card" in measured.markdown) is made["with_held_out"]


def test_rasas_selector_is_taught_once_and_then_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    taught: list[str] = []

    def selector(rows: knowledge_peers.Phrasings, questions: list[str]) -> dict[str, knowledge_peers.Scores]:
        taught.extend(questions)
        return {question: [("return_window", 0.9)] for question in questions}

    def measure(*, selector: knowledge_peers.Selector) -> dict[str, Any]:
        return {"asked": selector([("return_window", "几天能退")], ["退货期多长"])}

    monkeypatch.setattr(knowledge_peers, "response_selector", selector)
    monkeypatch.setattr(knowledge, "measure", measure)
    monkeypatch.setattr(knowledge, "as_markdown", str)
    quick = Plan(data=None, cache=tmp_path, with_slow_peers=False, say=lambda line: None)
    assert measured_models.knowledge(quick).figures["asked"] is None
    whole = replace(quick, with_slow_peers=True)
    for plan in (whole, whole, quick):
        asked = json.loads(json.dumps(measured_models.knowledge(plan).figures["asked"]))
        assert asked == {"退货期多长": [["return_window", 0.9]]}
    assert taught == ["退货期多长"]
