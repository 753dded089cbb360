"""The sentence encoder that ships: what its vectors promise, what it says about damaged files, and the library's word."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from knowledge_base.encoder import RESTORE, SHIPPED, STATIC_CONFIG, EncoderError, load_encoder
from knowledge_base.library_encoder import LibraryEncoder
from knowledge_base.static_encoder import TOKENIZER, WEIGHTS, StaticEncoder

TEXTS = (
    "七天无理由退货怎么算",
    "收咗件衫想退，運費邊個俾？",
    "how long does a refund take",
    "我的 order 几时到",
    "ＦＵＬＬ　ｗｉｄｔｈ",
    "快！！！！！点",
    "退",
)
NOTHING_KNOWN = ("", "   ", "😀😀", "\x00", "…!?", "ꦏꦼꦏꦼ")


@pytest.fixture(scope="module")
def encoder() -> StaticEncoder:
    loaded = load_encoder()
    assert isinstance(loaded, StaticEncoder)
    return loaded


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "encoder"))


def test_vectors_have_unit_length(encoder: StaticEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimensions)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_a_text_without_known_tokens_becomes_zeros(encoder: StaticEncoder) -> None:
    assert not encoder.encode(NOTHING_KNOWN).any()


def test_no_texts_give_no_rows(encoder: StaticEncoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimensions)


@pytest.mark.parametrize(
    "text", ["退" * 10_000, "a" * 10_000, "\ud800 退货", "退\x00货", "\u202e退货", "z͑ͫ̓a͌l̑g̈o" * 300]
)
def test_any_text_is_encoded_quickly(encoder: StaticEncoder, text: str) -> None:
    began = time.perf_counter()
    vector = encoder.encode([text])
    assert np.isfinite(vector).all()
    assert time.perf_counter() - began < 1


def test_a_text_has_one_vector_whatever_it_is_encoded_with(encoder: StaticEncoder) -> None:
    together = encoder.encode([*TEXTS, *NOTHING_KNOWN] * 300)[: len(TEXTS)]
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert together == pytest.approx(alone, abs=1e-6)


def test_threads_may_share_it(encoder: StaticEncoder) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: encoder.encode(TEXTS), range(64)))
    assert all(np.array_equal(result, results[0]) for result in results)


def test_traditional_and_simplified_writing_are_one(encoder: StaticEncoder) -> None:
    simple, traditional = encoder.encode(["退货运费谁承担", "退貨運費誰承擔"])
    assert simple == pytest.approx(traditional, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("退款什么时候到账", "钱几天能退回来", "怎么开发票"),
        ("退款什么时候到账", "when will i get my refund", "change my delivery address"),
        ("點解仲未收到貨", "为什么还没收到货", "怎么申请换货"),
        ("可唔可以改送貨地址", "can i change the shipping address", "how do i get an invoice"),
        ("how do i cancel my order", "怎么取消订单", "快递到哪里了"),
    ],
)
def test_what_means_the_same_is_nearer(encoder: StaticEncoder, text: str, near: str, far: str) -> None:
    asked, right, wrong = encoder.encode([text, near, far])
    assert asked @ right > asked @ wrong + 0.1


def test_it_loads_without_torch_and_quickly() -> None:
    program = (
        "import sys, time; began = time.perf_counter()\n"
        "from knowledge_base.encoder import load_encoder; load_encoder().encode(['退货'])\n"
        "assert not {'torch', 'sentence_transformers', 'transformers'} & set(sys.modules), 'too much imported'\n"
        "print(time.perf_counter() - began)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 2  # 0.12 s on a machine that has nothing else to do


def test_it_fits_its_budget() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 40 * 2**20


# What the library says about the same folder


def library_vectors(folder: Path, texts: tuple[str, ...]) -> npt.NDArray[np.float32]:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    return np.asarray(model.encode(list(texts), show_progress_bar=False), np.float32)


def test_it_gives_what_the_library_gives(encoder: StaticEncoder) -> None:
    texts = (*TEXTS, *NOTHING_KNOWN, "退货 " * 100, "Where's my parcel?? 急")
    assert encoder.encode_forms(texts) == pytest.approx(library_vectors(SHIPPED, texts), abs=1e-5)


def test_the_library_comes_near_without_our_normalisation(encoder: StaticEncoder) -> None:
    ours, theirs = encoder.encode(TEXTS), library_vectors(SHIPPED, TEXTS)
    assert (ours * theirs).sum(axis=1).min() > 0.9


def test_a_folder_of_another_making_is_run_by_the_library(copied: Path, encoder: StaticEncoder) -> None:
    (copied / STATIC_CONFIG).unlink()
    other = load_encoder(copied)
    assert isinstance(other, LibraryEncoder)
    assert other.dimensions == encoder.dimensions
    assert other.hash != encoder.hash
    assert other.encode([*TEXTS, ""]) == pytest.approx(encoder.encode([*TEXTS, ""]), abs=1e-5)


# Damage


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("name", [WEIGHTS, TOKENIZER])
@pytest.mark.parametrize("damage", [flip_a_byte, cut_in_half, empty, Path.unlink])
def test_a_damaged_file_is_named(copied: Path, name: str, damage: Callable[[Path], None]) -> None:
    damage(copied / name)
    with pytest.raises(EncoderError, match=name):
        load_encoder(copied)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', '{"format": 1, "sha256": 3}'])
def test_a_damaged_configuration_is_named(copied: Path, content: str) -> None:
    (copied / STATIC_CONFIG).write_text(content)
    with pytest.raises(EncoderError, match=STATIC_CONFIG):
        load_encoder(copied)


def test_another_version_is_told(copied: Path) -> None:
    config = json.loads((copied / STATIC_CONFIG).read_text())
    (copied / STATIC_CONFIG).write_text(json.dumps({**config, "format": 99}))
    with pytest.raises(EncoderError, match="format 99; this program reads format 1"):
        load_encoder(copied)


def test_what_is_shipped_is_restored_by_git(monkeypatch: pytest.MonkeyPatch, copied: Path) -> None:
    monkeypatch.setattr("knowledge_base.encoder.SHIPPED", copied)
    flip_a_byte(copied / WEIGHTS)
    with pytest.raises(EncoderError) as caught:
        load_encoder(copied)
    assert str(copied / WEIGHTS) in str(caught.value) and RESTORE in str(caught.value)


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="nothing-here"):
        load_encoder(tmp_path / "nothing-here")


def test_the_hash_belongs_to_the_files(copied: Path, encoder: StaticEncoder) -> None:
    assert load_encoder(copied).hash == encoder.hash == load_encoder().hash
    assert len(encoder.hash) == 16
