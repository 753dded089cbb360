"""A tokenizer for Chinese mixed with Latin words, digits and references.

jieba cuts the Han runs only; everything else is split by its own shape, so that white space between the
two scripts never becomes or breaks a token (rasa#7910). Runs in Rasa's environment (Python 3.10).
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Text

import jieba
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

REFERENCE = re.compile(r"(order|tracking|phone_tail|phone)_\d+")
_PIECE = re.compile(
    r"(?P<reference>(?:order|tracking|phone_tail|phone)_\d+)"
    r"|(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+)"
    r"|(?P<latin>[A-Za-z\u00c0-\u024f]+(?:'[A-Za-z]+)?)"
    r"|(?P<digits>\d+)"
    r"|(?P<sign>[?？])"
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class MixedTokenizer(Tokenizer):
    """Han runs by jieba, Latin words whole, digits whole, references by their kind."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """The keys that Rasa's base class reads."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @staticmethod
    def required_packages() -> List[Text]:
        """What must be installed in Rasa's environment."""
        return ["jieba"]

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MixedTokenizer:
        """Load jieba's dictionary now, so that the first customer does not wait for it."""
        jieba.initialize()
        return cls(config)

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        """Tokens with their offsets; a text without any word is one token."""
        text: Text = message.get(attribute)
        return split(text) or [Token(text, 0)]


def split(text: Text) -> List[Token]:
    """Cut `text`; lemmas fold case and replace references by their kind (order_7 → orderref)."""
    tokens: List[Token] = []
    for piece in _PIECE.finditer(text):
        if piece.lastgroup == "han":
            tokens += [
                Token(word, piece.start() + start)
                for word, start, _end in jieba.tokenize(piece.group(), HMM=False)
            ]
        else:
            tokens.append(Token(piece.group(), piece.start(), lemma=_lemma(piece)))
    return tokens


def _lemma(piece: Optional[re.Match]) -> Text:  # type: ignore[type-arg]
    assert piece is not None
    reference = REFERENCE.fullmatch(piece.group())
    if reference:
        return reference.group(1).replace("_", "") + "ref"
    return piece.group().lower()
