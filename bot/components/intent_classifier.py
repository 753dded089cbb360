"""Rasa's component around the intent classifier (intent_model.py). Runs in Rasa's environment (Python 3.10)."""

from __future__ import annotations

from typing import Any, Dict, List, Text

import jieba
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.intent_model import RETRAIN, IntentModel, fit
from knowledge_base.encoder import load_encoder

RANKED = 10
"""Intents named in the ranking, as Rasa's own classifiers do."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Names the intent of a text; needs no tokenizer and no featurizer before it."""

    def __init__(self, model_storage: ModelStorage, resource: Resource) -> None:
        """Load what does not depend on the examples now, so that the first customer does not wait for it."""
        jieba.initialize()
        self._encoder = load_encoder()
        self._model_storage = model_storage
        self._resource = resource
        self._model: IntentModel | None = None

    @staticmethod
    def required_packages() -> List[Text]:
        """What must be installed in Rasa's environment."""
        return ["jieba", "opencc", "safetensors", "sklearn", "tokenizers"]

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        """Not fitted yet."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        """As it was fitted. Raises ValueError where the encoder is not the one that it was fitted with."""
        component = cls(model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = IntentModel.load(folder)
        if component._model.encoder_hash != component._encoder.hash:
            raise ValueError(
                f"The sentence encoder is not the one that the intents were fitted with. {RETRAIN}"
            )
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples that have a text."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        self._model = fit([e.get(TEXT) for e in examples], [e.get(INTENT) for e in examples], self._encoder)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set the intent and the ranking of each message."""
        assert self._model is not None
        for message in messages:
            ranked = self._model.rank(message.get(TEXT) or "", self._encoder)[:RANKED]
            ranking = [{"name": name, "confidence": probability} for name, probability in ranked]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages
