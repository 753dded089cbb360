"""What the columns of a foreign file mean: guessed from their names, Chinese or English, with a language in them or not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from knowledge_base.policy import LANGUAGES, Language
from knowledge_base.text_normalisation import simplified

WITH_LANGUAGE = ("title", "question", "answer", "phrasings")
"""Fields that a language may follow: answer.en. Without one the language column or the text decides."""
OTHERS = ("id", "group", "language", "variants", "related", "start_form", "own_figures")
FIELDS: tuple[str, ...] = (
    *OTHERS,
    *WITH_LANGUAGE,
    *(f"{name}.{language}" for name in WITH_LANGUAGE for language in LANGUAGES),
)

_NAMES: Mapping[str, str] = {
    "id": "id key code slug entryid faqid 编号 标识 编码 知识编号",
    "group": "group category categories cat section topic tag 分类 类别 类目 分组 组别 栏目 类型 标签 所属分类 一级分类 知识分类",
    "title": "title heading subject name 标题 名称 知识标题 按钮",
    "question": "question questions q query faq ask standardquestion 问题 问 标准问 标准问题 提问 题目 问句 常见问题 用户问题 主问题"
    " 咨询问题",
    "answer": "answer answers a reply response solution content text body 答案 回答 答 回复 标准答案 解答 答复 内容 解决方案 回复内容"
    " 答案内容",
    "phrasings": "phrasings phrasing similar similarquestion similarquestions similarphrasings alternatives alternativequestions"
    " variations variants utterances examples synonyms otherquestions 相似问 相似问法 相似问题 扩展问 扩展问法 问法 同义问 同义问法"
    " 其他问法"
    " 相似说法 说法 近似问",
    "language": "language lang locale 语言 语种",
    "variants": "conditionalvariants 条件答案",
    "related": "related relatedentries seealso 相关 相关问题 关联问题",
    "start_form": "startform form 表单",
    "own_figures": "ownfigures",
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split()}
_LANGUAGE_NAMES: Mapping[Language, str] = {
    "zh-Hant-HK": "zhhanthk zhhant zhhk zhtw zhmo cht tc hant 繁体中文 中文繁体 繁体 繁中 粤语 广东话 香港 traditionalchinese"
    " traditional cantonese",
    "zh-Hans": "zhhans zhcn zhsg chs sc hans 简体中文 中文简体 简体 简中 中文 汉语 普通话 simplifiedchinese simplified"
    " chinese zh cn",
    "en": "enus engb eng en 英文 英语 english",
}
_LANGUAGE_OF = {name: language for language, names in _LANGUAGE_NAMES.items() for name in names.split()}
_ENDINGS = sorted(_LANGUAGE_OF, key=len, reverse=True)
_MARKS = re.compile(r"[\W_]+")


def guess(columns: Sequence[str]) -> dict[str, str | None]:
    """Column → field, None for what is not understood; of two columns that seem to mean one field, the first."""
    found: dict[str, str | None] = {}
    taken: set[str] = set()
    for column in columns:
        field = column if column in FIELDS else _field(column)
        found[column] = field if field not in taken else None
        taken |= {field} if field else set()
    return _completed(found)


def _completed(found: dict[str, str | None]) -> dict[str, str | None]:
    """A file whose questions stand under «title» has no other question."""
    fields = {field for field in found.values() if field}
    if any(field.partition(".")[0] == "question" for field in fields) or "id" in fields:
        return found
    return {
        c: f.replace("title", "question") if f and f.partition(".")[0] == "title" else f
        for c, f in found.items()
    }


def missing(mapping: Mapping[str, str | None]) -> tuple[str, ...]:
    """Fields without which no row can become an entry: «question» and «answer» in some language."""
    kinds = {field.partition(".")[0] for field in mapping.values() if field}
    has_question = kinds & {"question", "title"}
    return (*(() if has_question else ("question",)), *(() if "answer" in kinds else ("answer",)))


def language_named(text: str) -> Language | None:
    """zh-CN, 繁體中文, English, … as one of ours."""
    return _LANGUAGE_OF.get(_plain(text))


def _field(column: str) -> str | None:
    name = _plain(column)
    if name in _FIELD_OF:
        return _FIELD_OF[name]
    for ending in _ENDINGS:
        for rest in (name.removesuffix(ending), name.removeprefix(ending)):
            field = _FIELD_OF.get(rest) if rest != name else None
            if field in WITH_LANGUAGE:
                return f"{field}.{_LANGUAGE_OF[ending]}"
    return None


def _plain(text: str) -> str:
    """Without width, case, script and marks: «問題 (EN)» → 问题en."""
    return _MARKS.sub("", simplified(unicodedata.normalize("NFKC", text)).casefold())
