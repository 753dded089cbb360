"""Answering from the knowledge base: the bot's skill that needs no Rasa.

It is the fast lane when an answer is certain, and all that the bot does while Rasa is away. It never guesses:
what is not certain is asked back, offered to people, or left to Rasa.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

Outcome = Literal["answer", "ask", "decline"]


class Candidate(Protocol):
    """An entry that may answer."""

    @property
    def entry(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def probability(self) -> float: ...


class SearchOutcome(Protocol):
    """What a search came to; `answers` are texts in the language that was asked for, `answered` their entries: several
    where several questions were asked."""

    @property
    def outcome(self) -> Outcome: ...
    @property
    def probability(self) -> float: ...
    @property
    def candidates(self) -> Sequence[Candidate]: ...
    @property
    def answers(self) -> Sequence[str]: ...
    @property
    def answered(self) -> Sequence[str]: ...
    @property
    def is_question(self) -> bool:
        """False for thanks, confirmations, greetings, facts given."""
        ...


class Knowledge(Protocol):
    """The knowledge base, as the bot uses it."""

    async def search(
        self,
        text: str,
        *,
        language: str,
        context: str | None = None,
        customer: Mapping[str, Any] | None = None,
    ) -> SearchOutcome:
        """The best entries for the text; `context` is the entry that was answered last."""
        ...

    async def render(self, entry_id: str, language: str, facts: Mapping[str, Any]) -> str:
        """The answer of one entry. Raises KeyError for an unknown one."""
        ...

    async def title(self, entry_id: str, language: str) -> str:
        """The name of one entry, as customers and agents read it."""
        ...

    async def start_form(self, entry_id: str) -> str | None:
        """What a button under the entry's answer starts. Raises KeyError for an unknown one."""
        ...

    @property
    def known_version(self) -> int:
        """The base's version at the last search or reading."""
        ...


@dataclass(frozen=True, kw_only=True)
class Said:
    """One answer, ready to be said."""

    entry: str
    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the knowledge base says to a text."""

    outcome: Literal["answer", "ask", "decline", "not_a_question"]
    said: tuple[Said, ...] = ()
    """For `answer`: one for each question, in the order asked."""
    text: str = ""
    """For `ask`: what goes before the options."""
    options: tuple[tuple[str, str], ...] = field(default_factory=tuple)
    """For `ask`: (entry, title) of each option."""
    candidates: tuple[tuple[str, float], ...] = ()
    """Entries with their probabilities, best first."""
    base_version: int = 0

    @property
    def entries(self) -> frozenset[str]:
        """Of all answers."""
        return frozenset(said.entry for said in self.said)


NOT_A_QUESTION = Answer(outcome="not_a_question")
MOST_OPTIONS = 3


async def answer(
    knowledge: Knowledge, text: str, *, language: str, context: str | None, customer: Mapping[str, Any]
) -> Answer:
    """Search for the text, if it asks something at all; `customer` is what is known of customer and order."""
    found = await knowledge.search(text, language=language, context=context, customer=customer)
    if not found.is_question:
        return NOT_A_QUESTION
    return replace(
        _answer(found, language),
        candidates=tuple((c.entry, c.probability) for c in found.candidates),
        base_version=knowledge.known_version,
    )


def _answer(found: SearchOutcome, language: str) -> Answer:
    if found.outcome == "answer" and found.answers:
        titles = {candidate.entry: candidate.title for candidate in found.candidates}
        said = tuple(
            Said(entry=entry, title=titles[entry], text=text)
            for entry, text in zip(found.answered, found.answers, strict=True)
        )
        return Answer(outcome="answer", said=said)
    if found.outcome == "ask" and found.candidates:
        options = tuple((c.entry, c.title) for c in found.candidates[:MOST_OPTIONS])
        return Answer(outcome="ask", text=ASK_WHICH[language], options=options)
    return Answer(outcome="decline")


ASK_WHICH: Mapping[str, str] = {
    "zh-Hans": "您想问的是下面哪一个？都不是的话，可以换个说法再发一次。",
    "zh-Hant-HK": "您想問的是以下哪一個？如果都不是，可以換個講法再發一次。",
    "en": "Which of these do you mean? If none, please put it another way.",
}
NOT_UNDERSTOOD: Mapping[str, str] = {
    "zh-Hans": "抱歉，我没有完全明白。您可以换个说法，也可以说「转人工」。",
    "zh-Hant-HK": "抱歉，我未完全明白。您可以換個講法，或者講「轉人工」。",
    "en": 'Sorry, I did not quite get that. You can put it another way, or say "human please".',
}
PICTURE_RECEIVED: Mapping[str, str] = {
    "zh-Hans": "图片收到了。请用一句话说说遇到了什么问题，最好带上订单号。",
    "zh-Hant-HK": "圖片收到了。請用一句話說說遇到甚麼問題，最好附上訂單號碼。",
    "en": "Thank you for the picture. Please tell me in a sentence what happened, ideally with the order number.",
}
_COURTESIES: Sequence[tuple[re.Pattern[str], Mapping[str, str]]] = (
    (
        re.compile(
            r"(谢谢?|謝謝?|多谢|多謝|唔该晒?|唔該晒?|感谢|感謝|thanks?|thank you|thx|ok|好的?|收到|嗯+|行|👌|👍|🙏)"
            r"[了你您啦呀啊~～!！。.,，\s]*",
            re.I,
        ),
        {
            "zh-Hans": "不客气，有事随时找我。",
            "zh-Hant-HK": "不用客氣，有事隨時找我。",
            "en": "You are welcome. I am here if you need me.",
        },
    ),
    (
        re.compile(
            r"(你好|您好|在吗|在嗎|在么|喂|哈喽|哈囉|hi|hello|hey|早安?|早上好|晚上好|下午好)[你您呀啊啦~～!！?？。.,，\s]*",
            re.I,
        ),
        {
            "zh-Hans": "您好，我是智能助手。请直接说您的问题。",
            "zh-Hant-HK": "您好，我是智能助理。請直接說您的問題。",
            "en": "Hello, I am the assistant. Please tell me what you need.",
        },
    ),
)


def courtesy(text: str, language: str) -> str | None:
    """The reply to a greeting or thanks that stands alone; None for everything else.

    Only for the time without Rasa, so that nobody is handed to a person for a thank-you.
    """
    for pattern, replies in _COURTESIES:
        if pattern.fullmatch(text.strip()):
            return replies[language]
    return None
