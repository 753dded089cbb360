"""The settings for people to read: what is in force, and the page docs/operations/settings.md.

Both are made from the section models, so they cannot forget a setting.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from service.settings import OTHER_VARIABLES, SECRETS, Sections, Settings

INTRODUCTION = """# Settings

<!-- Made by `anxin config docs`; a test holds it equal to the program. -->

Settings are read once, at start, from `config.yml`; an environment variable `ANXIN_SECTION__KEY`
(`ANXIN_BOT__WORKERS=4`) wins over the file, the file over the defaults below. Lists and mappings are written as JSON in a
variable. An unknown key is an error, with a suggestion. `anxin config check` prints what is in force and where each value
comes from.

Rasa's own keys (`recipe`, `language`, `assistant_id`, `pipeline`, `policies`) stand in the same file and are left to Rasa.
"""


def effective(settings: Settings) -> Iterator[str]:
    """One line for each setting: name, value, origin; then the secrets without their values."""
    yield f"config file  {settings.config_file}"
    yield f"data folder  {settings.data}"
    yield ""
    rows = [
        (name, _written(value), settings.sources.get(".".join(name.split(".")[:2]), "default"))
        for section, model in settings.sections
        for name, value in _values(section, model)
    ]
    name_width, value_width = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, value, origin in rows:
        yield f"{name:{name_width}}  {value:{min(value_width, 40)}}  {origin}"
    yield ""
    for variable in SECRETS:
        yield f"{variable:{name_width}}  {'set' if settings.secret(variable) else 'not set'}"


def documentation() -> str:
    """The text of docs/operations/settings.md."""
    parts = [INTRODUCTION]
    for section, field in Sections.model_fields.items():
        model = field.annotation
        assert isinstance(model, type) and issubclass(model, BaseModel)
        parts.append(_section(section, model))
    parts.append(_variables("Secrets", "From the environment only, never printed.", SECRETS.items()))
    parts.append(_variables("Other environment variables", "", OTHER_VARIABLES.items()))
    return "\n".join(parts)


def _section(name: str, model: type[BaseModel]) -> str:
    lines = [f"## {name}", "", (model.__doc__ or "").strip(), "", "| setting | default | what it does |"]
    lines.append("|---|---|---|")
    return "\n".join([*lines, *_rows(name, model)]) + "\n"


def _rows(prefix: str, model: type[BaseModel]) -> Iterator[str]:
    """One for each setting; a table of settings has a row for itself and one for each of its own."""
    for key, field in model.model_fields.items():
        name, table = f"{prefix}.{key}", field.annotation
        about = f"{field.description}{_limits(field)}".replace("|", chr(92) + "|")
        if isinstance(table, type) and issubclass(table, BaseModel):
            yield f"| `{name}` | (below) | {about} |"
            yield from _rows(name, table)
        else:
            yield f"| `{name}` | {_default(field)} | {about} |"


def _values(prefix: str, model: BaseModel) -> Iterator[tuple[str, Any]]:
    """Each setting with its value, those of tables too."""
    for key, value in model:
        if isinstance(value, BaseModel):
            yield from _values(f"{prefix}.{key}", value)
        else:
            yield f"{prefix}.{key}", value


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    return "(empty)" if value in ("", (), [], {}) else f"`{_written(value)}`"


def _limits(field: FieldInfo) -> str:
    choices = [str(choice) for choice in get_args(field.annotation) if isinstance(choice, str)]
    bounds = [
        f"{sign} {getattr(rule, name):g}"
        for rule in field.metadata
        for name, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
        if getattr(rule, name, None) is not None
    ]
    told = " or ".join(f"`{choice}`" for choice in choices) or ", ".join(bounds)
    return f" ({told})" if told else ""


def _variables(title: str, about: str, rows: Any) -> str:
    lines = [f"## {title}", "", *([about, ""] if about else []), "| variable | what it does |", "|---|---|"]
    return "\n".join([*lines, *(f"| `{variable}` | {text} |" for variable, text in rows)]) + "\n"


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value or '""'
    return json.dumps(value, ensure_ascii=False)
