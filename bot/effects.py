"""What a turn proposes besides words: values that actions emit and the turn worker commits, or drops with the turn.

An action never writes; it sends `{"effect": {"kind": …}}` and the channel sorts it out of the replies.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


class UnknownEffect(ValueError):
    """JSON that is none of the effects below: actions and worker disagree."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The base; `kind` names the effect in JSON."""

    kind: ClassVar[str] = ""

    def as_json(self) -> dict[str, Any]:
        """`{"kind": …}` and the fields."""
        return {"kind": self.kind, **dataclasses.asdict(self)}


@dataclass(frozen=True, kw_only=True)
class OpenCase(Effect):
    """Open a case of `type` about the order behind a reference."""

    kind: ClassVar[str] = "open_case"
    type: str
    order_number_ref: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SetDialogue(Effect):
    """Remember these slots on the desk, beside those of the tracker."""

    kind: ClassVar[str] = "set_dialogue"
    slots: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class OfferHandoff(Effect):
    """A person is to take over; `reason` is one of routing's handoff reasons."""

    kind: ClassVar[str] = "offer_handoff"
    reason: str


@dataclass(frozen=True, kw_only=True)
class AnsweredEntry(Effect):
    """This knowledge entry was the answer."""

    kind: ClassVar[str] = "answered_entry"
    entry: str


@dataclass(frozen=True, kw_only=True)
class ProveOrder(Effect):
    """A right or wrong try at proving that an order is one's own; `key` as desk/order_proof.py makes it."""

    kind: ClassVar[str] = "prove_order"
    key: str
    ok: bool


@dataclass(frozen=True, kw_only=True)
class ShowOrder(Effect):
    """Show this order as a card; `order` as in docs/api/websocket.md. It is the one in question from now on, and `facts`
    are what answers may depend on (desk/answer_facts.py); the customer sees none of them."""

    kind: ClassVar[str] = "show_order"
    order: Mapping[str, Any]
    facts: Mapping[str, str | bool] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ShopCall(Effect):
    """A call to the shop's system, made from the outbox after the commit."""

    kind: ClassVar[str] = "shop_call"
    call: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class BotFailed(Effect):
    """The bot did not help in this turn: no_skill, not_understood, rephrased, value_rejected, shop_unavailable."""

    kind: ClassVar[str] = "bot_failed"
    why: str


@dataclass(frozen=True, kw_only=True)
class FormAbandoned(Effect):
    """The customer called a form off."""

    kind: ClassVar[str] = "form_abandoned"
    form: str


_KINDS: dict[str, type[Effect]] = {
    effect.kind: effect
    for effect in (
        OpenCase,
        SetDialogue,
        OfferHandoff,
        AnsweredEntry,
        ProveOrder,
        ShowOrder,
        ShopCall,
        BotFailed,
        FormAbandoned,
    )
}


def from_json(written: Mapping[str, Any]) -> Effect:
    """The effect that `as_json` wrote. Raises UnknownEffect."""
    fields = dict(written)
    kind = fields.pop("kind", None)
    effect = _KINDS.get(kind) if isinstance(kind, str) else None
    if effect is None:
        raise UnknownEffect(f"no effect is called {kind!r}")
    try:
        return effect(**fields)
    except TypeError as error:
        raise UnknownEffect(f"{kind}: {error}") from None
