"""The knowledge base's section of config.yml."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge_base.costs import DEFAULT_COSTS, AnswerCosts


class KnowledgeBaseSettings(BaseModel):
    """When the knowledge base answers by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    content: str = Field(
        "knowledge_base/content", description="Folder of the entries, relative to config.yml."
    )
    encoder: str = Field(
        "knowledge_base/encoder",
        description="Folder of the sentence encoder (Sentence Transformers format), relative to the program's folder.",
    )
    costs: AnswerCosts = Field(
        DEFAULT_COSTS,
        description="What wrong steps cost, in proportion to each other; the bot does what is expected to cost least.",
    )
    gate: Literal["required", "advised"] = Field(
        "required",
        description="required: a draft that the publish gate stops needs a supervisor; advised: the gate only tells.",
    )
    review: Literal["off", "optional", "required"] = Field(
        "optional", description="Whether drafts can be, or must be, approved before they are published."
    )
    reviewer_other_than_author: bool = Field(
        True, description="A draft is approved by somebody who neither wrote it nor asked for its review."
    )
