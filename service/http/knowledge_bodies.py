"""What requests to the knowledge base carry. Drafts may lack anything and be wrong; what they hold is of the right type."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from service.http.bodies import BIGGEST_SEQ, Body, Language, Query

EntryId = Annotated[str, Field(max_length=200)]
ShortText = Annotated[str, Field(max_length=200)]
Texts = dict[Language, Annotated[str, Field(max_length=20_000)]]
Phrasings = dict[Language, Annotated[list[Annotated[str, Field(max_length=2000)]], Field(max_length=500)]]
Conditions = Annotated[dict[ShortText, bool | ShortText], Field(max_length=20)]
Version = Annotated[int, Field(ge=0, le=BIGGEST_SEQ, description="The version that was read.")]
Revision = Annotated[int, Field(ge=0, le=2_000_000_000)]
Number = (
    Annotated[int, Field(ge=-BIGGEST_SEQ, le=BIGGEST_SEQ)]
    | Annotated[float, Field(ge=-BIGGEST_SEQ, le=BIGGEST_SEQ)]
)
FigureValue = Number | bool | ShortText | Annotated[list[Number | ShortText], Field(max_length=10)]


class VariantContent(Body):
    """Another answer where all conditions hold."""

    when: Conditions = Field({})
    answer: Texts = Field({})


class EntryContent(Body):
    """An entry as far as it is written."""

    group: ShortText = ""
    title: Texts = Field({})
    answer: Texts = Field({})
    phrasings: Phrasings = Field({})
    variants: list[VariantContent] = Field([], max_length=50)
    related: list[ShortText] = Field([], max_length=200)
    start_form: ShortText | None = None
    own_figures: bool = Field(False, description="Figures written out are the entry's own, set by an import.")

    def as_written(self) -> dict[str, Any]:
        """Only what the request held."""
        return self.model_dump(exclude_unset=True)


class NewEntry(Body):
    """An entry to be begun; its id stays with it."""

    id: EntryId
    content: EntryContent


class EntryDraft(Body):
    """What was typed over the version that was read."""

    version: Version
    content: EntryContent


class FigureDraft(Body):
    """A figure's value: a whole number, a range [from, to], or a time of day HH:MM."""

    version: Version
    value: FigureValue


class AtVersion(Body):
    """What was read."""

    version: Version


class PublishDraft(Body):
    """Give the draft to customers; the note stays in the history."""

    version: Version
    note: str = Field("", max_length=500)
    gate: UUID | None = Field(
        None,
        description="The run that was looked at; what counts is a run of this version and of the base now.",
    )
    override_reason: str | None = Field(
        None, max_length=500, description="Why to publish what the gate stopped; supervisors only."
    )


class GateFor(Body):
    """Which draft to look at."""

    kind: Literal["entry", "figure"]
    id: EntryId
    version: Version


class PinnedQuestion(Body):
    """A question that must go on being answered so; `expected` null: it must not be answered."""

    question: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
    language: Language
    context: EntryId | None = Field(None, description="The entry that was answered before.")
    expected: EntryId | None
    note: str = Field("", max_length=500)


class AskReview(Body):
    """What the reviewer should look at."""

    version: Version
    note: str = Field("", max_length=500)


class GiveVerdict(Body):
    """What the reviewer found."""

    version: Version
    verdict: Literal["approved", "changes_wanted"]
    comment: str = Field("", max_length=500)


class PlanTimes(Body):
    """Instants with a zone; null: not at all."""

    version: Version
    publish_at: AwareDatetime | None = Field(None, description="The newest draft goes to customers then.")
    expires_at: AwareDatetime | None = Field(
        None, description="An entry is archived then; a figure's value before it comes back."
    )
    note: str = Field("", max_length=500)


class WithNote(Body):
    """What was read, and why."""

    version: Version
    note: str = Field("", max_length=500)


class RestoreRevision(Body):
    """Make an earlier revision the draft."""

    version: Version
    revision: Revision


class PreviewContent(Body):
    """An entry as far as it is written, for a customer of whom these facts hold."""

    content: EntryContent
    language: Language
    facts: Conditions = Field({})


MOST_TITLES = 200


class EntriesQuery(Query):
    """Which entries; what is empty filters nothing. `after`: the last id of the page before."""

    text: str | None = Field(None, max_length=200)
    group: str | None = Field(None, max_length=200)
    state: Literal["published", "changed", "draft", "archived"] | None = None
    language: Language | None = None
    after: str | None = Field(None, max_length=200)
    limit: int = Field(200, ge=1, le=500)

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in given.items() if value != ""}


class TitlesQuery(Query):
    """Which titles: of the ids named, or of entries whose title or id holds a text."""

    ids: str | None = Field(None, max_length=8_000, description="Ids with commas between them, 200 at most.")
    text: str | None = Field(None, max_length=200)
    limit: int = Field(8, ge=1, le=200, description="Of what `text` finds.")

    @model_validator(mode="after")
    def _one_of_both(self) -> TitlesQuery:
        if (self.ids is None) == (self.text is None):
            raise ValueError("name ids or text.")
        if self.ids is not None and self.ids.count(",") >= MOST_TITLES:
            raise ValueError(f"at most {MOST_TITLES} ids.")
        return self


class KnownFacts(Body):
    """What is known of the customer and the order; see knowledge_base.conditions."""

    vip: bool | None = None
    sale: bool | None = None
    fresh_food: bool | None = None
    electronics: bool | None = None
    shop_at_fault: bool | None = None
    region: Literal["mainland", "remote", "overseas"] | None = None
    order: Literal["unpaid", "unshipped", "shipped", "delivered", "closed"] | None = None


class Question(Body):
    """What a customer might write."""

    text: Annotated[str, Field(max_length=20_000)]
    language: Language | None = Field(
        None, description="Of the answer; as the text is written where it is not given."
    )
    context: EntryId | None = Field(None, description="The entry that was answered before.")
    customer: KnownFacts | None = None


class WouldSay(Question):
    """A question, the customer, and a time to come."""

    at: AwareDatetime | None = Field(
        None, description="What is planned to be published or to end by then counts as done."
    )
    drafts: bool = True
