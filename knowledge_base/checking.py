"""What makes an entry fit to be published, said with a stable code, the field, and the fix (figures: policy_checking.py).

One set of rules for drafts of the page and for the files of a content folder. It takes JSON, for drafts may be of
any shape; it reads nothing and changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from knowledge_base.conditions import CONDITIONS
from knowledge_base.errors import Problem
from knowledge_base.literal_figures import literal_figures
from knowledge_base.markup import active_markup
from knowledge_base.policy import LANGUAGES, PLACEHOLDER, Language, Policy
from knowledge_base.start_forms import START_FORMS
from knowledge_base.text_normalisation import matching_form

MOST_CHARACTERS = {"title": 80, "answer": 2000, "phrasing": 200}
"""A title stands on a button, an answer in a chat, a phrasing is one question."""
GROUPS_NOT_ALLOWED = frozenset({"policy", "outside"})
"""Files of a content folder that hold no entries."""
FIELDS = ("group", "title", "answer", "phrasings", "variants", "related", "start_form", "own_figures")

_ID = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*(?:\.[a-z][a-z0-9]*(?:_[a-z0-9]+)*)?")
_WORD = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
LONGEST_ID = 80


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The published base around the item that is looked at, which is itself left out of `phrasings`."""

    policy: Policy
    entries: Collection[str]
    phrasings: Mapping[str, tuple[str, str]]
    """Matching form → the entry that has it, and how it is written there."""
    archived: Collection[str] = ()


def phrasing_owners(
    phrasings: Iterable[tuple[str, Mapping[str, list[str]]]],
) -> dict[str, tuple[str, str]]:
    """`Surroundings.phrasings` from entry ids with their phrasings; of two entries the first has it. 20 µs a phrasing."""
    owners: dict[str, tuple[str, str]] = {}
    for id_, by_language in phrasings:
        for text in (text for texts in by_language.values() for text in texts):
            owners.setdefault(matching_form(text), (id_, text))
    return owners


def entry_problems(id_: str, content: Mapping[str, Any], around: Surroundings) -> list[Problem]:
    """Everything that keeps an entry from being published, in the order of its fields."""
    found = [
        *_id_problems(id_, {*around.entries, *around.archived}),
        *_unknown(content, FIELDS),
        *_group_problems(content.get("group")),
        *text_problems(content, around.policy),
        *_phrasing_problems(id_, content.get("phrasings", {}), around.phrasings),
        *_nothing_to_find_it_by(content),
        *related_problems(id_, content.get("related"), around),
        *_form_problems(content.get("start_form")),
        *_own_figures_problems(content.get("own_figures")),
    ]
    return [replace(problem, entry=id_) for problem in found]


def text_problems(content: Mapping[str, Any], policy: Policy) -> list[Problem]:
    """What can be said of titles, answers and variants alone, without knowing the other entries.

    An entry may lack languages, but not all, and none by halves: title, answer and variants stand in the same ones.
    """
    look = _Look(
        policy=policy,
        languages=_languages_begun(content) or LANGUAGES[:1],
        with_figures=content.get("own_figures") is not True,
    )
    return [
        *_texts_problems("title", "title", content.get("title", {}), look),
        *_texts_problems("answer", "answer", content.get("answer", {}), look),
        *_variants_problems(content.get("variants"), look),
    ]


@dataclass(frozen=True, kw_only=True)
class _Look:
    """What texts are looked at with: the policy table, the languages they must stand in, and whether a figure that is
    written out is a fault."""

    policy: Policy
    languages: Collection[Language]
    with_figures: bool


def _languages_begun(content: Mapping[str, Any]) -> tuple[Language, ...]:
    """Languages in which a title or an answer is written, right or wrong."""
    variants = content.get("variants")
    places = [content.get("title"), content.get("answer")]
    places += (
        [v.get("answer") for v in variants if isinstance(v, Mapping)] if isinstance(variants, list) else []
    )
    texts = [place for place in places if isinstance(place, Mapping)]
    return tuple(language for language in LANGUAGES if any(not is_empty(t.get(language)) for t in texts))


def _problem(field: str, code: str, message: str, fix: str, **values: str) -> Problem:
    return Problem(file="", entry="", field=field, message=message, fix=fix, code=code, values=values)


def _id_problems(id_: str, entries: Collection[str]) -> Iterator[Problem]:
    if not is_id(id_):
        fix = "Use lower-case words joined by _, a part after one dot."
        yield _problem("id", "bad_id", "is not an id.", fix)
    parent, dot, _ = id_.partition(".")
    if dot and parent not in entries:
        fix = f"An id with a dot starts with an entry's id; there is no {parent!r}."
        yield _problem("id", "unknown_entry", "has no parent.", fix, entry=parent)


def is_id(text: str) -> bool:
    """Whether an entry may be called this."""
    return len(text) <= LONGEST_ID and _ID.fullmatch(text) is not None


def _unknown(content: Mapping[str, Any], known: Collection[str], place: str = "") -> Iterator[Problem]:
    for key in sorted(set(content) - set(known)):
        fix = f"Known: {', '.join(sorted(known))}."
        yield _problem(f"{place}{key}", "unknown_field", "is not known here.", fix)


def _group_problems(group: object) -> Iterator[Problem]:
    is_word = isinstance(group, str) and len(group) <= 40 and _WORD.fullmatch(group)
    if not is_word or group in GROUPS_NOT_ALLOWED:
        fix = "Use lower-case words joined by _, such as returns."
        yield _problem("group", "bad_value", "is not a group.", fix, wanted="group")


def _form_problems(form: object) -> Iterator[Problem]:
    if form is None or form in START_FORMS:
        return
    if not (isinstance(form, str) and len(form) <= 40 and _WORD.fullmatch(form)):
        yield _problem("start_form", "bad_value", "is not a form.", "Name a form, or null.", wanted="form")
        return
    known = ", ".join(START_FORMS)
    message = f"{form!r} is no form of the bot."
    fix = f"Name one of {known}, or take it out."
    yield _problem("start_form", "unknown_form", message, fix, name=form, known=known)


def _texts_problems(field: str, kind: str, texts: object, look: _Look) -> Iterator[Problem]:
    """`kind` is title or answer; one text for each language begun, none too long, plain, without literal figures."""
    if not isinstance(texts, Mapping):
        fix = f"Write a text for each language: {', '.join(LANGUAGES)}."
        yield _problem(f"{field}.*", "bad_value", "is missing.", fix, wanted="texts")
        return
    yield from _language_problems(field, texts)
    for language in look.languages:
        place, text = f"{field}.{language}", texts.get(language)
        if text is None:
            yield _problem(place, "missing_language", "is missing or empty.", "Write it.", language=language)
        elif not isinstance(text, str):
            yield _problem(place, "bad_value", "is not a text.", "Write a text.", wanted="text")
        elif is_empty(text):
            code = f"empty_{kind}"
            yield _problem(place, code, "is missing or empty.", "Write it.", language=language)
        elif len(text) > MOST_CHARACTERS[kind]:
            yield _too_long(place, text, kind)
        else:
            yield from _content_problems(place, kind, text, look)


def _language_problems(field: str, texts: Mapping[Any, Any]) -> Iterator[Problem]:
    for key in texts:
        if key not in LANGUAGES:
            fix = f"Known: {', '.join(LANGUAGES)}."
            yield _problem(f"{field}.{key}", "unknown_language", "is not a language.", fix, language=str(key))


def _content_problems(place: str, kind: str, text: str, look: _Look) -> Iterator[Problem]:
    if found := active_markup(text):
        fix = "Write plain text; tags, script links and event handlers are not allowed."
        yield _problem(place, "markup_in_answer", f"holds {found!r}.", fix, found=found)
    if kind == "answer":
        yield from _placeholder_problems(place, text, look.policy)
        if look.with_figures:
            yield from _literal_problems(place, text, look.policy)


def _placeholder_problems(place: str, text: str, policy: Policy) -> Iterator[Problem]:
    for name in PLACEHOLDER.findall(text):
        if name.removesuffix(":number") not in policy.figures:
            yield _unknown_figure(place, name, policy)
    if stray := re.search(r"\w{0,40}[{}]\w{0,40}", PLACEHOLDER.sub(" ", text)):
        yield _unknown_figure(place, stray.group(), policy)


def _unknown_figure(place: str, name: str, policy: Policy) -> Problem:
    bare = name.strip("{}").removesuffix(":number")
    near = [*get_close_matches(bare, list(policy.figures), n=1, cutoff=0.4), ""][0]
    fix = f"Did you mean {{{near}}}?" if near else "Name a figure of the policy table."
    shown = name if set(name) & set("{}") else f"{{{name}}}"
    message = f"{shown} is no figure of the policy table."
    return _problem(place, "unknown_figure", message, fix, name=name, nearest=near)


def _literal_problems(place: str, text: str, policy: Policy) -> Iterator[Problem]:
    for found in literal_figures(text, policy):
        message = f"{found.literal!r} is a literal figure."
        if found.figures:
            figures = ", ".join(f"{{{name}}}" for name in found.figures)
            yield _problem(
                place, "literal_figure", message, found.fix, literal=found.literal, figures=figures
            )
        else:
            yield _problem(place, "figure_contradicts", message, found.fix, literal=found.literal)


def _variants_problems(variants: object, look: _Look) -> Iterator[Problem]:
    if variants is not None and not isinstance(variants, list):
        yield _problem(
            "variants", "bad_value", "is not a list.", "Write [{when, answer}].", wanted="variants"
        )
        return
    for n, variant in enumerate(variants or ()):
        place = f"variants.{n}"
        if not isinstance(variant, Mapping):
            variant = {}
        yield from _unknown(variant, ("when", "answer"), f"{place}.")
        yield from _condition_problems(place, variant.get("when"))
        yield from _texts_problems(f"{place}.answer", "answer", variant.get("answer", {}), look)


def _condition_problems(place: str, when: object) -> Iterator[Problem]:
    known = ", ".join(CONDITIONS)
    if not isinstance(when, Mapping) or not when:
        fix = f"Write {{when: {{…}}, answer: …}}; conditions: {known}."
        yield _problem(f"{place}.when", "unknown_condition", "is missing.", fix, name="", known=known)
        return
    for name, value in when.items():
        field = f"{place}.when.{name}"
        if name not in CONDITIONS:
            fix = f"Known: {known}."
            yield _problem(
                field, "unknown_condition", "is not a condition.", fix, name=str(name), known=known
            )
        elif not isinstance(value, bool | str) or value not in CONDITIONS[name]:
            values = ", ".join(sorted(str(v).lower() for v in CONDITIONS[name]))
            message = f"{value!r} is not a value of it."
            yield _problem(field, "unknown_condition", message, f"Known: {values}.", name=name, known=values)


def _phrasing_problems(
    id_: str, phrasings: object, others: Mapping[str, tuple[str, str]]
) -> Iterator[Problem]:
    if not isinstance(phrasings, Mapping):
        fix = f"Write a list for each language: {', '.join(LANGUAGES)}."
        yield _problem("phrasings.*", "bad_value", "is missing.", fix, wanted="lists")
        return
    yield from _language_problems("phrasings", phrasings)
    for language in LANGUAGES:
        texts, place = phrasings.get(language), f"phrasings.{language}"
        if texts is not None and not isinstance(texts, list):
            message = "is not a list of texts."
            yield _problem(place, "bad_value", message, "Write what customers type.", wanted="list")
        for n, text in enumerate(texts if isinstance(texts, list) else ()):
            yield from _one_phrasing(id_, f"{place}.{n}", text, others)


def _nothing_to_find_it_by(content: Mapping[str, Any]) -> Iterator[Problem]:
    """Without any phrasing an entry is found by its title; without that, by nothing."""
    title, phrasings = content.get("title"), content.get("phrasings", {})
    has_title = isinstance(title, Mapping) and any(not is_empty(text) for text in title.values())
    has_phrasing = not isinstance(phrasings, Mapping) or any(phrasings.values())
    if not has_title and not has_phrasing:
        fix = "Write a title, or what customers type."
        yield _problem(f"phrasings.{LANGUAGES[0]}", "no_phrasings", "is missing.", fix, language=LANGUAGES[0])


def _own_figures_problems(value: object) -> Iterator[Problem]:
    if value is not None and not isinstance(value, bool):
        yield _problem(
            "own_figures", "bad_value", "is not true or false.", "Write true or false.", wanted="flag"
        )


def _one_phrasing(
    id_: str, place: str, text: object, others: Mapping[str, tuple[str, str]]
) -> Iterator[Problem]:
    if not isinstance(text, str):
        yield _problem(place, "bad_value", "is not a text.", "Write what customers type.", wanted="text")
        return
    if len(text) > MOST_CHARACTERS["phrasing"]:
        yield _too_long(place, text, "phrasing")
        return
    form = matching_form(text)
    if not form:
        fix = "Write what customers type."
        yield _problem(place, "empty_phrasing", f"{text!r} has no words.", fix, phrasing=text)
    elif form in others and others[form][0] != id_:
        owner, written = others[form]
        fix = "Keep it where it belongs, or make it say the difference."
        yield _problem(
            place,
            "phrasing_elsewhere",
            f"{text!r} stands in {owner} too.",
            fix,
            entry=owner,
            phrasing=text,
            theirs=written,
        )


def related_problems(id_: str, related: object, around: Surroundings) -> Iterator[Problem]:
    """Links that lead nowhere. Links in a circle are fine: they are offered as what else somebody may mean."""
    if related is not None and not (isinstance(related, list) and all(isinstance(r, str) for r in related)):
        yield _problem("related", "bad_value", "must be a list of ids.", "Write [id, id].", wanted="ids")
        return
    for other in related or ():
        if other in around.archived:
            message = f"{other!r} is archived."
            fix = "Take it out, or take that entry out of the archive."
            yield _problem("related", "archived_entry", message, fix, entry=other)
        elif other == id_ or other not in around.entries:
            message = f"{other!r} is {'the entry itself' if other == id_ else 'no entry'}."
            fix = "Name another entry's id or take it out."
            yield _problem("related", "unknown_entry", message, fix, entry=other)


def _too_long(place: str, text: str, kind: str) -> Problem:
    most = MOST_CHARACTERS[kind]
    message = f"has {len(text)} characters."
    return _problem(place, "too_long", message, f"At most {most}.", most=str(most))


def is_empty(text: object) -> bool:
    """Nothing to be seen: no text, or only spaces, controls and characters without width."""
    if not isinstance(text, str):
        return text is None
    return all(unicodedata.category(c)[0] in "ZC" for c in text)
