"""What a claimed turn comes to: knowledge base, Rasa, or people. Reads only; the outcome is committed by others.

Order of thought: a tapped knowledge option; the fast lane (no form open, an answer that is certain, nothing a
skill does better); Rasa; and without Rasa the knowledge base alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from bot import answer_skill
from bot.answer_skill import Answer, Knowledge, Said
from bot.effects import (
    AnsweredEntry,
    BotFailed,
    Effect,
    FormAbandoned,
    OfferHandoff,
    OpenCase,
    ProveOrder,
    SetDialogue,
    ShopCall,
    ShowOrder,
)
from bot.extraction import Extracted, extract
from bot.rasa_client import (
    Button,
    RasaClient,
    RasaMessage,
    RasaReply,
    RasaTimeout,
    RasaTurn,
    RasaUnavailable,
    Seed,
)
from bot.start_forms import start_button
from desk import fault_points
from desk.cases import NewCase
from desk.handoff import TRIES_NOTHING, Outcome, TurnFacts
from desk.outbox import ShopCall as RequestedCall
from desk.turns import AnsweredWith, ClaimedTurn, Fragment, OrderProof, Reply, TurnDesk, TurnOutcome
from knowledge_base.conditions import Facts
from knowledge_base.uses import Outcome as UseOutcome
from knowledge_base.uses import Use
from routing.tags import Tags

log = structlog.get_logger(__name__)

LONGEST_WANT = 200
"""Characters of the customer's own words that the brief shows as what is wanted."""

KNOWLEDGE_OPTION = "knowledge_option"
"""The intent of a button that we issue ourselves: it names an entry and never reaches Rasa."""

SKILL_INTENTS = frozenset(
    {
        "greet",
        "thanks",
        "goodbye",
        "affirm",
        "deny",
        "chitchat",
        "stop",
        "ask_human",
        "track_order",
        "urge_delivery",
        "request_return",
        "inform",
        "complain",
        "out_of_scope",
    }
)
"""What Rasa answers itself; everything else it leaves to the knowledge base where that knows an answer."""

SMALL_TALK = TRIES_NOTHING | {"unclear", "complain"}
"""What says nothing about what the customer wants."""

SKILL_ENTRIES = frozenset(
    {"tracking_where", "urge_delivery", "order_status_meaning", "complaint_how", "return_how"}
)
"""Entries that a skill answers better, because it looks the order up; Rasa is asked first."""


DECLINED = frozenset({"no_skill", "not_understood"})
"""Failures in which nothing was answered and a person was offered; a wrong value in a form is none of them."""


@dataclass
class _Draft:
    """The outcome while it is put together; lives within one call of `think`."""

    dialogue: dict[str, Any]
    replies: list[Reply] = field(default_factory=list)
    cases: list[NewCase] = field(default_factory=list)
    shop_calls: list[RequestedCall] = field(default_factory=list)
    proofs: list[OrderProof] = field(default_factory=list)
    entries: list[AnsweredWith] = field(default_factory=list)
    searched: Answer | None = None
    option: Use | None = None
    """Of a tapped button."""
    outcome: Outcome = "none"
    intent: str | None = None
    bot_failed: bool = False
    wants_person_after_decline: bool = False
    system_trouble: bool = False
    called_rasa: bool = False
    rasa_is_away: bool = False
    ends_generation: bool = False


class Thinker:
    """Thinks about turns; `model` says which Rasa model is loaded, `is_rasa_up` whether a form could be started."""

    def __init__(
        self,
        *,
        rasa: RasaClient,
        knowledge: Knowledge | None,
        turns: TurnDesk,
        model: Callable[[], str | None],
        is_rasa_up: Callable[[], bool] = lambda: True,
    ) -> None:
        self._rasa = rasa
        self._knowledge = knowledge
        self._turns = turns
        self._model = model
        self._is_rasa_up = is_rasa_up

    async def think(self, turn: ClaimedTurn) -> TurnOutcome:
        """The outcome of this turn; raises only what nobody expected."""
        draft = _Draft(dialogue=dict(turn.dialogue))
        tapped = turn.fragments[-1].private.get("button")
        # A tap that more words followed counts as its own words: the customer has seen and meant them.
        text = "\n".join(f.text for f in turn.fragments if f.text and not (tapped and "button" in f.private))
        if tapped and tapped["intent"] == KNOWLEDGE_OPTION:
            await self._show_entry(turn, draft, str(tapped["entities"]["entry"]))
        elif not tapped and not text:
            draft.replies.append(Reply(text=answer_skill.PICTURE_RECEIVED[turn.language]))
        else:
            await self._answer(turn, draft, text, tapped)
        await self._offer_form(turn, draft)
        return _finish(turn, draft, text)

    async def _answer(
        self, turn: ClaimedTurn, draft: _Draft, text: str, tapped: Mapping[str, Any] | None
    ) -> None:
        slots = turn.dialogue.get("slots", {})
        known = {str(key): str(value) for key, value in turn.refs.items()}
        extracted = extract(text, known, requested_slot=slots.get("requested_slot"))
        has_form = bool(turn.dialogue.get("form"))
        found = answer_skill.NOT_A_QUESTION
        if self._knowledge is not None and not tapped and not extracted.references:
            found = await answer_skill.answer(
                self._knowledge,
                text,
                language=turn.language,
                context=turn.dialogue.get("last_entry"),
                customer=_facts(turn),
            )
            draft.searched = found
        if found.outcome == "answer" and not found.entries & SKILL_ENTRIES:
            _say(draft, found.said)
            if has_form:
                _ask_again(turn, draft)
            return
        if fresh := {k: v for k, v in extracted.values().items() if known.get(k) != v}:
            await self._turns.add_references(turn, fresh)
        try:
            reply = await self._rasa.turn(_rasa_turn(turn, extracted, tapped))
        except RasaUnavailable as error:
            log.warning("rasa_unavailable", turn_id=str(turn.turn_id), kind=type(error).__name__)
            draft.ends_generation = isinstance(error, RasaTimeout)
            draft.rasa_is_away = True
            _answer_without_rasa(turn, draft, text, found)
            return
        await fault_points.reach("after_rasa_reply")
        draft.called_rasa = True
        self._take_reply(turn, draft, reply, extracted, found)

    def _take_reply(
        self, turn: ClaimedTurn, draft: _Draft, reply: RasaReply, extracted: Extracted, found: Answer
    ) -> None:
        draft.intent = reply.intent
        draft.dialogue |= {"slots": dict(reply.slots), "form": reply.form, "model": self._model()}
        if found.outcome == "answer" and reply.intent not in SKILL_INTENTS:
            _say(draft, found.said)
            if reply.form is not None:
                _ask_again(turn, draft)
            return
        if found.outcome == "ask" and reply.form is None and reply.intent not in SKILL_INTENTS:
            _ask_back(draft, found)
            return
        # One of several questions is the skill's; the others are answered before its buttons.
        _say(draft, [said for said in found.said if len(found.said) > 1 and said.entry not in SKILL_ENTRIES])
        values = {str(k): str(v) for k, v in turn.refs.items()} | extracted.values()
        for message in reply.replies:
            draft.replies.append(_reply(message.text, message.buttons))
        draft.dialogue["form_question"] = (
            _question(reply.replies[-1], turn.language) if reply.form and reply.replies else None
        )
        if not reply.replies and not reply.effects:
            # Nobody is left without an answer, whatever the rules of the dialogue have forgotten.
            log.warning("rasa_said_nothing", turn_id=str(turn.turn_id), intent=reply.intent)
            draft.replies.append(Reply(text=answer_skill.NOT_UNDERSTOOD[turn.language]))
            draft.bot_failed = True
        for effect in reply.effects:
            _apply_effect(draft, effect, values)
        if reply.intent == "affirm" and turn.dialogue.get("person_offered"):
            draft.wants_person_after_decline = True

    async def _show_entry(self, turn: ClaimedTurn, draft: _Draft, entry: str) -> None:
        try:
            if self._knowledge is None:
                raise KeyError(entry)
            text = await self._knowledge.render(entry, turn.language, _facts(turn))
            title = await self._knowledge.title(entry, turn.language)
        except KeyError:
            # The button is older than the last edit of the knowledge base.
            draft.replies.append(Reply(text=answer_skill.NOT_UNDERSTOOD[turn.language]))
            draft.bot_failed = True
            return
        draft.option = Use(outcome="option", shown=(entry,), base_version=self._knowledge.known_version)
        _say(draft, [Said(entry=entry, title=title, text=text)])

    async def _offer_form(self, turn: ClaimedTurn, draft: _Draft) -> None:
        """A button under an answer that is the last word, where its entry has a form and nothing is in its way.

        A tap means what the customer could have said; Rasa opens the form for it as for those words.
        """
        is_last_word = bool(draft.replies and draft.replies[-1].is_answer)
        can_start = self._is_rasa_up() and not draft.rasa_is_away and not draft.dialogue.get("form")
        goes_to_a_person = draft.intent == "ask_human" or draft.system_trouble
        if self._knowledge is None or not is_last_word or not can_start or goes_to_a_person:
            return
        try:
            form = await self._knowledge.start_form(draft.entries[-1].entry)
        except KeyError:
            return
        if button := start_button(form, turn.language):
            draft.replies[-1] = replace(draft.replies[-1], private=_meaning((button,)))


def _facts(turn: ClaimedTurn) -> Facts:
    """What is known of the customer, and of the order in question where one was shown."""
    return {**turn.dialogue.get("order_facts", {}), "vip": turn.customer_is_vip}


def _answer_without_rasa(turn: ClaimedTurn, draft: _Draft, text: str, found: Answer) -> None:
    """Rasa is away: a certain answer or a courtesy; everything else goes to people."""
    if found.outcome == "answer":
        _say(draft, found.said)
    elif (polite := answer_skill.courtesy(text, turn.language)) is not None:
        draft.replies.append(Reply(text=polite))
    else:
        draft.system_trouble = True


def _say(draft: _Draft, answers: Sequence[Said]) -> None:
    """Each answer is a message of its own; a short text that follows leans on the last of them."""
    for said in answers:
        draft.replies.append(Reply(text=said.text, is_answer=True))
        draft.entries.append(AnsweredWith(entry=said.entry, title=said.title))
        draft.outcome = "answered"
        draft.dialogue |= {"last_entry": said.entry, "asked_back": False}


def _ask_back(draft: _Draft, found: Answer) -> None:
    buttons = [
        Button(title=title, intent=KNOWLEDGE_OPTION, entities={"entry": entry})
        for entry, title in found.options
    ]
    draft.replies.append(_reply(found.text, tuple(buttons)))
    draft.outcome = "asked_back"
    # An ask-back after an ask-back was not taken: that is a failure of the bot.
    draft.bot_failed = bool(draft.dialogue.get("asked_back"))
    draft.dialogue["asked_back"] = True


def _ask_again(turn: ClaimedTurn, draft: _Draft) -> None:
    """After a question in between: the form stays open in its tracker, and asks again for what it waits for.

    Not where the customer has gone on in another language: what the form said was in the one before.
    """
    question = turn.dialogue.get("form_question")
    if question and question.get("language", turn.language) == turn.language:
        draft.replies.append(_reply(question["text"], tuple(Button(**b) for b in question["buttons"])))


def _question(message: RasaMessage, language: str) -> dict[str, Any]:
    """What an open form has just asked, to ask it again after a question in between."""
    buttons = [{"title": b.title, "intent": b.intent, "entities": dict(b.entities)} for b in message.buttons]
    return {"text": message.text, "buttons": buttons, "language": language}


def _reply(text: str, buttons: tuple[Button, ...]) -> Reply:
    return Reply(text=text, private=_meaning(buttons))


def _meaning(buttons: tuple[Button, ...]) -> dict[str, Any]:
    """What a message keeps of its buttons; customers get only ids."""
    meaning = [{"title": b.title, "intent": b.intent, "entities": dict(b.entities)} for b in buttons]
    return {"buttons": meaning} if meaning else {}


def _rasa_turn(turn: ClaimedTurn, extracted: Extracted, tapped: Mapping[str, Any] | None) -> RasaTurn:
    dialogue = turn.dialogue
    return RasaTurn(
        sender=turn.sender_id,
        turn_id=turn.turn_id,
        expected_turn_id=turn.rasa_turn_id,
        text=extracted.masked_text,
        button=Button(intent=tapped["intent"], entities=tapped["entities"]) if tapped else None,
        language=turn.language,
        signed_in=turn.customer_shop_id is not None,
        references=extracted.as_request(),
        seed=Seed(
            slots=dialogue.get("slots", {}),
            form=dialogue.get("form"),
            summary=str(dialogue.get("summary", "")),
        ),
    )


def _apply_effect(draft: _Draft, effect: Effect, values: Mapping[str, str]) -> None:
    match effect:
        case ShowOrder(order=order, facts=facts):
            _add_card(draft, Reply(text="", kind="order_card", payload={"order": dict(order)}))
            draft.outcome = "answered"
            draft.dialogue |= {"order": dict(order), "order_value_cents": order.get("total_cents")}
            draft.dialogue["order_facts"] = dict(facts)
        case OfferHandoff(reason=reason):
            # Only what a customer asks for hands over by itself; other reasons are routing's to find.
            draft.intent = "ask_human" if reason == "asked" else draft.intent
            draft.system_trouble = draft.system_trouble or reason == "system_trouble"
        case BotFailed(why=why):
            draft.bot_failed = True
            if why in DECLINED:
                draft.outcome = "declined"
        case FormAbandoned():
            draft.dialogue["forms_abandoned"] = int(draft.dialogue.get("forms_abandoned", 0)) + 1
        case ProveOrder(key=key, ok=ok):
            draft.proofs.append(OrderProof(key=key, is_right=ok))
        case AnsweredEntry(entry=entry):
            draft.entries.append(AnsweredWith(entry=entry))
            draft.outcome = "answered"
        case OpenCase(type=type_, order_number_ref=ref, details=details):
            draft.cases.append(NewCase(type=type_, order_number=values.get(ref or "", ""), details=details))
        case SetDialogue(slots=slots):
            draft.dialogue["slots"] = {**draft.dialogue.get("slots", {}), **slots}
        case ShopCall(call=call, arguments=arguments):
            draft.shop_calls.append(RequestedCall(call=call, arguments=arguments))


def _add_card(draft: _Draft, card: Reply) -> None:
    """Buttons are live on the newest message only, so a reply that offers some stays the last one."""
    has_buttons_last = bool(draft.replies) and "buttons" in draft.replies[-1].private
    draft.replies.insert(len(draft.replies) - has_buttons_last, card)


def _finish(turn: ClaimedTurn, draft: _Draft, text: str) -> TurnOutcome:
    if text and (draft.entries or draft.intent not in (SMALL_TALK | {None, "nlu_fallback"})):
        draft.dialogue["want"] = text[:LONGEST_WANT]
    declined = draft.outcome == "declined"
    draft.dialogue["person_offered"] = declined
    facts = TurnFacts(
        text=text,
        tags=_gravest(turn.fragments),
        outcome=draft.outcome,
        intent=draft.intent,
        bot_failed=draft.bot_failed,
        wants_person_after_decline=draft.wants_person_after_decline,
        system_trouble=draft.system_trouble,
    )
    if declined:
        draft.dialogue["declined"] = int(draft.dialogue.get("declined", 0)) + 1
    return TurnOutcome(
        facts=facts,
        replies=tuple(draft.replies),
        cases=tuple(draft.cases),
        shop_calls=tuple(draft.shop_calls),
        proofs=tuple(draft.proofs),
        answered_entries=tuple(draft.entries),
        use=_use(draft),
        dialogue=draft.dialogue,
        called_rasa=draft.called_rasa,
        ends_generation=draft.ends_generation,
    )


def _use(draft: _Draft) -> Use | None:
    """What came of the question; None where nothing was searched for."""
    if draft.option is not None:
        return draft.option
    found = draft.searched
    if found is None or found.outcome == "not_a_question":
        return None
    outcome, shown = _came_to(draft, found)
    return Use(
        outcome=outcome,
        shown=shown,
        candidates=found.candidates,
        probability=found.candidates[0][1] if found.candidates else 0.0,
        base_version=found.base_version,
    )


def _came_to(draft: _Draft, found: Answer) -> tuple[UseOutcome, tuple[str, ...]]:
    said = tuple(answered.entry for answered in draft.entries)
    if found.outcome == "answer" and found.entries & set(said):
        return "answered", said
    if draft.outcome == "asked_back":
        return "asked_back", tuple(entry for entry, _ in found.options)
    # Without Rasa nobody says that there is no answer: the question goes to people.
    is_unknown = found.outcome == "decline" and draft.system_trouble and not draft.called_rasa
    return ("declined" if draft.outcome == "declined" or is_unknown else "left"), ()


def _gravest(fragments: tuple[Fragment, ...]) -> Tags:
    """The tags of the unhappiest fragment: anger in one of three lines is anger."""
    ranks = {"positive": 0, "neutral": 1, "negative": 2, "angry": 3}
    tags = [Tags.from_json(fragment.tags) for fragment in fragments]
    return max(tags, key=lambda t: (ranks[t.sentiment.label], t.sentiment.probability))
