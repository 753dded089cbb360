"""What the service knows about a turn, as entities: the language and the references in the text.

The service finds order, tracking and phone numbers itself; Rasa sees only their ids (order_1), which
reach the slots through the domain's from_entity mappings. Runs in Rasa's environment (Python 3.10).
"""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.training_data.message import Message

KINDS = ("order", "tracking", "phone", "phone_tail")


def context_entities(metadata: Dict[Text, Any]) -> List[Dict[Text, Any]]:
    """One entity for the language, and of each kind of reference the last one named (a correction wins)."""
    values = {"language": metadata.get("language")}
    for reference in metadata.get("references") or []:
        if reference.get("kind") in KINDS:
            values[reference["kind"]] = reference.get("id")
    return [
        {"entity": kind, "value": value, "extractor": "TurnContext"}
        for kind, value in values.items()
        if value
    ]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class TurnContext(GraphComponent, EntityExtractorMixin):
    """Adds the entities that come with the message's metadata."""

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TurnContext:
        """Nothing to load."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Append to the entities that other components found."""
        for message in messages:
            found = context_entities(message.get("metadata") or {})
            if found:
                message.set("entities", (message.get("entities") or []) + found, add_to_output=True)
        return messages
