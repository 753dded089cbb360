"""The knowledge base's section of config.yml."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


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
    answer_probability: float = Field(
        0.8, ge=0, le=1, description="Answer directly from this probability on."
    )
    ask_probability: float = Field(
        0.25, ge=0, le=1, description="Ask back from this probability on; below it, decline."
    )
