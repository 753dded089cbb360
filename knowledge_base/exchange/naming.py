"""Ids made from questions, and the language a text is written in. The same question gives the same id, on any machine."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from knowledge_base.policy import Language
from knowledge_base.text_normalisation import matching_form, simplified

LONGEST = 48
_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LITTLE = frozenset(
    {"a", "an", "the", "do", "does", "is", "are", "i", "my", "me", "you", "your", "to", "of", "for"}
)


def id_of(question: str) -> str:
    """«怎么续借图书？» → zen_me_xu_jie_tu_shu; «How do I renew a loan?» → how_renew_loan."""
    return slug(question) or f"q_{digest(question)}"


def second_id_of(question: str) -> str:
    """Where another question has the first id already."""
    return f"{slug(question) or 'q'}_{digest(question)}"


def slug(text: str) -> str:
    """Lower-case words joined by _, Chinese in pinyin; '' where there are none."""
    plain = simplified(text).casefold().replace("'", "").replace("’", "")
    said = [(word, _pinyin(word)) if _HAN.match(word) else (word, [word]) for word in _WORD.findall(plain)]
    told = [part for word, parts in said if word not in _LITTLE for part in parts]
    told = told or [part for _, parts in said for part in parts]
    kept: list[str] = []
    for word in told:
        if sum(len(k) + 1 for k in kept) + len(word) > LONGEST:
            break
        kept.append(word)
    name = "_".join(kept or [word[:LONGEST] for word in told[:1]])
    return name if not name or name[0].isalpha() else f"q_{name}"


def digest(question: str) -> str:
    """Six characters of the question as it is matched, so that marks and width make no difference."""
    return hashlib.sha256(matching_form(question).encode()).hexdigest()[:6]


def _pinyin(run: str) -> list[str]:
    from pypinyin import lazy_pinyin

    read = (part.replace("ü", "v").lower() for part in lazy_pinyin(run, errors="ignore"))
    return [word for word in ("".join(c for c in part if "a" <= c <= "z") for part in read) if word]


def written_language(text: str) -> Language:
    """No Chinese → en; more characters of only traditional script than of only simplified → zh-Hant-HK; else zh-Hans."""
    han = _HAN.findall(text)
    latin = len(re.findall(r"[A-Za-z]+", text))
    if not han or len(han) * 2 < latin:
        return "en"
    traditional = sum(_is_only_in(c, "big5", "gb2312") for c in han)
    return "zh-Hant-HK" if traditional > sum(_is_only_in(c, "gb2312", "big5") for c in han) else "zh-Hans"


@lru_cache(maxsize=32_768)
def _is_only_in(character: str, charset: str, other: str) -> bool:
    return _encodes(character, charset) and not _encodes(character, other)


def _encodes(character: str, charset: str) -> bool:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
