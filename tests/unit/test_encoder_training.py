"""The encoder's training on a handful of our own sentences: disjoint sets, the licence flag, the same weights twice."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from evaluation.training import encoder as command
from evaluation.training.encoder_data import INTENT_SETS, hold_out, read_corpus, training_set
from evaluation.training.encoder_own import DEV, as_cantonese, rows_of
from evaluation.training.encoder_tokens import UNKNOWN, build_tokenizer, learn_vocabulary
from knowledge_base.encoder import STATIC_CONFIG
from knowledge_base.static_encoder import WEIGHTS, StaticEncoder

SMALL = ("epochs=1", "dimensions=64")
THINGS = {
    "退款": "refund",
    "快递": "parcel",
    "发票": "invoice",
    "地址": "address",
    "订单": "order",
    "运费": "postage",
}
ASKED = {
    "{}在哪里": "where is the {}",
    "怎么改{}": "how to change the {}",
    "{}什么时候来": "when does the {} come",
}


def written(folder: Path) -> Path:
    """A data folder with every file that training reads."""
    translated = [
        {"a": en.format(THINGS[zh_thing]), "b": zh.format(zh_thing), "type": "en-zh", "src": "tatoeba"}
        for zh_thing in THINGS
        for zh, en in ASKED.items()
    ] * 70  # as many as one batch takes at least
    same = [{"a": f"{t}在哪里", "b": f"我的{t}在哪", "type": "paraphrase", "src": "lcqmc"} for t in THINGS]
    labelled = [
        {"s1": f"{t}在哪里", "s2": f"{t}什么时候来", "label": n % 2, "src": "lcqmc"}
        for n, t in enumerate(THINGS)
    ]
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = {
        "positive_pairs": [*translated, *same],
        "labelled_pairs_zh": labelled,
        **{
            name: [{"text": f"{way} {name}", "intent": "a"} for way in ("ask", "tell")]
            for name in INTENT_SETS
        },
    }
    folder.mkdir(parents=True)
    for name in rows:
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            for row in rows[name]:
                file.write(json.dumps(row) + "\n")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("encoder") / "data")


def test_no_held_out_text_is_trained_on(data: Path) -> None:
    corpus = read_corpus(data)
    held_out = hold_out(corpus)
    trained = training_set(corpus, held_out.texts)
    seen = {n for pairs in (*trained.same.values(), trained.labelled) for p in pairs for n in (p.a, p.b)}
    seen |= {n for numbers in trained.intents.values() for n in numbers}
    assert held_out.similarity["lcqmc"] and held_out.retrieval["tatoeba"]
    assert not seen & held_out.texts


def test_our_own_dev_texts_are_held_out(data: Path) -> None:
    corpus = read_corpus(data)
    texts = {text for path in DEV.glob("*.txt") for row in rows_of(path) for text in row}
    assert len(texts) > 700
    assert {corpus.number(text) for text in texts} <= hold_out(corpus).texts


def test_the_clear_licence_leaves_the_others_out(data: Path) -> None:
    corpus = read_corpus(data)
    everything, clear = (training_set(corpus, frozenset(), licence).sizes for licence in ("all", "clear"))
    assert {"lcqmc", "labelled: lcqmc"} <= everything.keys()
    assert not {"lcqmc", "labelled: lcqmc"} & clear.keys()
    assert {"tatoeba", "own: shop words", *INTENT_SETS} <= clear.keys()


def test_an_unknown_setting_is_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["--data", str(data), "--set", "wrods=0"])
    assert "wrods is none of dimensions, pieces, words" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command.main(["--data", str(data), "--set", "mixer=spoon"])
    assert "mixer spoon is none of attention, gate" in capsys.readouterr().err


def test_two_runs_give_the_same_encoder(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        arguments = ["--data", str(data), "--out", str(tmp_path / name), "--set", *SMALL]
        assert command.main(arguments) == 0
    first, second = ((tmp_path / name / WEIGHTS).read_bytes() for name in ("one", "two"))
    assert first == second
    assert "BM25" in capsys.readouterr().out
    encoder = StaticEncoder.load(tmp_path / "one")
    asked, right, wrong = encoder.encode(["退款在哪里", "where is the refund", "how to change the invoice"])
    assert asked @ right > asked @ wrong


def test_held_out_public_pairs_may_be_learned_from_but_never_our_own_sets(data: Path, tmp_path: Path) -> None:
    command.main(["--data", str(data), "--out", str(tmp_path / "apart"), "--set", *SMALL])
    command.main(["--data", str(data), "--out", str(tmp_path / "all"), "--with-held-out", "--set", *SMALL])
    apart, everything = (
        json.loads((tmp_path / name / STATIC_CONFIG).read_text()) for name in ("apart", "all")
    )
    assert "lcqmc" not in apart["learned_from"]
    assert everything["learned_from"]["lcqmc"] == len(THINGS) + len(THINGS) // 2
    corpus = read_corpus(data)
    ours = hold_out(corpus).own
    assert not ours & set(training_set(corpus, ours).texts)


@pytest.mark.parametrize(
    "design", [["mixer=attention", "mixed_from=0"], ["mixer=gate"], ["nested=1", "weighted=1", "within=1"]]
)
def test_designs_that_do_not_ship_can_be_tried_again(
    data: Path, capsys: pytest.CaptureFixture[str], design: list[str]
) -> None:
    assert command.main(["--data", str(data), "--set", *SMALL, *design]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-2])
    assert figures["encoder"]["tatoeba top-1 of 18"] > 1 / 18


def test_missing_data_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--data", str(tmp_path)]) == 1
    assert "positive_pairs.jsonl.gz" in capsys.readouterr().err


def test_sentences_are_made_cantonese_the_same_way_each_time() -> None:
    sentences = ["我喜欢睡觉", "他昨天回家", "abc"]
    made = list(as_cantonese(sentences))
    assert made == list(as_cantonese(sentences))
    assert made != sentences and made[2] == "abc"


def test_other_spellings_are_tokens_of_their_own() -> None:
    vocabulary = learn_vocabulary(["退货 什么 怎么 样 return returned"] * 30, pieces=100, words=2)
    tokenizer = build_tokenizer(vocabulary)
    assert set(vocabulary.words) < {"退货", "什么", "怎么"}
    assert tokenizer.encode("點樣?").tokens == ["點樣"]
    assert "".join(vocabulary.made_of["點樣"]) == "怎么"
    assert vocabulary.made_of["貨"] == ("货",)
    assert tokenizer.encode("😀").tokens in ([], [UNKNOWN])
    assert tokenizer.encode("ＲＥＴＵＲＮ").tokens == ["return"]


def test_an_inflected_english_word_begins_as_its_stem() -> None:
    texts = ["return returns returned returning this is news bring"] * 5
    vocabulary = learn_vocabulary(texts, pieces=4_000, words=0)
    assert vocabulary.parts == {word: ("return",) for word in ("returned", "returning", "returns")}
    assert vocabulary.learned.index("return") < vocabulary.first_made
    assert not learn_vocabulary(texts, pieces=4_000, words=0, stems=False).parts


def test_a_phrase_is_made_of_its_words_and_their_characters() -> None:
    vocabulary = learn_vocabulary(["什么时候退货"] * 30, pieces=100, words=3, phrases=1)
    assert set(vocabulary.words) == {"时候", "什么", "退货", "什么时候"}
    assert vocabulary.parts["什么时候"] == ("什么", *"什么", "时候", *"时候")
