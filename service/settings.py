"""The effective settings: defaults, then config.yml, then the environment; parsed once, at start.

Rasa's own keys in config.yml are left alone. Secrets come from the environment only and are never printed.
This module reads; the sections themselves live with the packages that use them.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.settings import BotSettings
from desk.settings import AssignmentSettings, ConversationSettings
from knowledge_base.settings import KnowledgeBaseSettings
from routing.settings import RoutingSettings

RASA_KEYS = frozenset({"recipe", "language", "pipeline", "policies", "assistant_id", "importers"})
"""Top-level keys of config.yml that belong to Rasa 3.6."""


class ServiceSettings(BaseModel):
    """Where the service listens and how many processes it runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(
        "127.0.0.1", description="Address to listen on; 0.0.0.0 behind a reverse proxy on another machine."
    )
    port: int = Field(8080, ge=0, le=65535, description="Port of the pages and the API.")
    public_url: str = Field(
        "", description="Address as browsers see it, e.g. https://desk.example.com; empty = http://host:port."
    )
    processes: int = Field(
        1, ge=1, le=32, description="Service processes; they share nothing but the database."
    )
    trusted_proxies: tuple[str, ...] = Field(
        (), description="Addresses of reverse proxies whose X-Forwarded-For counts."
    )
    metrics_from: tuple[str, ...] = Field(
        ("127.0.0.1", "::1"), description="Addresses or networks that may read /metrics."
    )
    allowed_origins: tuple[str, ...] = Field(
        (), description="Origins of storefronts that embed the widget, e.g. https://shop.example.com."
    )
    data: str = Field("var", description="Folder for the database, models and logs, relative to config.yml.")


class DatabaseSettings(BaseModel):
    """The embedded PostgreSQL, or the pool of connections to your own (ANXIN_DATABASE_URL)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pool_size: int = Field(
        12,
        ge=2,
        le=200,
        description="Connections of one service process for requests and turns; up to 4 more listen and run jobs.",
    )
    start_timeout_s: float = Field(
        120, gt=0, description="How long the embedded database may take to start (crash recovery included)."
    )


class AccountSettings(BaseModel):
    """Sign-in of agents, editors, supervisors and admins; tokens of customers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    session_hours: float = Field(12, gt=0, description="A sign-in lasts this long.")
    wrong_passwords: int = Field(5, ge=1, description="Wrong passwords before the account locks.")
    lock_minutes: float = Field(30, gt=0, description="How long that lock lasts.")
    customer_token_days: float = Field(
        30, gt=0, description="A customer's conversation token lasts this long."
    )
    identity_max_age_s: float = Field(
        3600, gt=0, description="A signed identity without exp is accepted this long after iat."
    )


class LimitSettings(BaseModel):
    """Rate limits; a burst may be spent at once and refills evenly."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    messages_per_minute: int = Field(120, ge=1, description="Messages per conversation token and minute.")
    message_burst: int = Field(20, ge=1, description="Messages that may come at once.")
    conversations_per_hour: int = Field(60, ge=1, description="New conversations per address and hour.")
    sign_ins_per_minute: int = Field(10, ge=1, description="Sign-in tries per address and minute.")
    requests_per_minute: int = Field(1200, ge=1, description="Requests per address and minute.")
    body_bytes: int = Field(2_500_000, ge=1000, description="Largest request body, in bytes.")
    socket_message_bytes: int = Field(65_536, ge=1000, description="Largest WebSocket message, in bytes.")
    sockets_per_address: int = Field(200, ge=1, description="Open sockets per address.")


class ShopSettings(BaseModel):
    """The shop: name, zone, hours, and where its orders are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: dict[str, str] = Field(
        {"zh-Hans": "安心优选", "zh-Hant-HK": "安心優選", "en": "Anxin Select"},
        description="Name of the shop in each language.",
    )
    time_zone: str = Field("Asia/Shanghai", description="Zone of business hours and of times shown.")
    open_from: str = Field(
        "08:00",
        pattern=r"^\d\d:\d\d$",
        description="Agents are there from (until an admin changes it on the page).",
    )
    open_until: str = Field("24:00", pattern=r"^\d\d:\d\d$", description="…until.")
    orders: Literal["demo", "rest"] = Field(
        "demo", description="demo = the generated shop; rest = the shop's own order API."
    )
    api_url: str = Field(
        "",
        description="Base address of the shop's order API (docs/api/shop-orders.md); its token: ANXIN_SHOP_API_TOKEN.",
    )
    api_timeout_s: float = Field(1.5, gt=0, description="Time limit of one call to that API.")


class DemoSettings(BaseModel):
    """The demo shop. Never on in production."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(True, description="Demo mode: demo storefront, accounts, orders, clock shifting.")
    seed: int = Field(20_250_808, description="Seed of the generated shop.")
    customers: int = Field(300, ge=1, description="Customers of the generated shop.")
    orders: int = Field(1500, ge=50, description="Orders of the generated shop.")


class LogSettings(BaseModel):
    """Structured logs; never message text or personal data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Lowest level written.")
    format: Literal["console", "json"] = Field(
        "json", description="console for a terminal, json for machines."
    )


class Sections(BaseModel):
    """All sections of config.yml that are ours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: ServiceSettings = ServiceSettings.model_validate({})
    database: DatabaseSettings = DatabaseSettings.model_validate({})
    conversations: ConversationSettings = ConversationSettings.model_validate({})
    assignment: AssignmentSettings = AssignmentSettings.model_validate({})
    bot: BotSettings = BotSettings.model_validate({})
    routing: RoutingSettings = RoutingSettings.model_validate({})
    knowledge_base: KnowledgeBaseSettings = KnowledgeBaseSettings.model_validate({})
    accounts: AccountSettings = AccountSettings.model_validate({})
    limits: LimitSettings = LimitSettings.model_validate({})
    shop: ShopSettings = ShopSettings.model_validate({})
    demo: DemoSettings = DemoSettings.model_validate({})
    logs: LogSettings = LogSettings.model_validate({})


@dataclass(frozen=True, kw_only=True)
class Secret:
    """One secret and where it comes from; its value never shows in a repr."""

    variable: str
    value: str = field(repr=False)


SECRETS: Mapping[str, str] = {
    "ANXIN_DATABASE_URL": "PostgreSQL 18 with pgvector to use instead of the embedded one (postgresql://user:password@host/name).",
    "ANXIN_SECRET_KEY": "Signs customer tokens; at least 32 characters. Without it one is generated into the data folder.",
    "ANXIN_IDENTITY_SECRET": "Shared with the shop's server, which signs customers' identities with it (HS256); "
    "at least 32 characters. In demo mode one is generated.",
    "ANXIN_RASA_TOKEN": "Token between service and Rasa. Without it one is generated into the data folder.",
    "ANXIN_SHOP_API_TOKEN": "Bearer token for the shop's order API.",
    "ANXIN_ADMIN_PASSWORD": "Password of the first admin; without it one is generated and printed once.",
}
"""Environment variables that hold secrets, with their help lines."""

KEYS = ("ANXIN_SECRET_KEY", "ANXIN_IDENTITY_SECRET")
SHORTEST_KEY = 32
"""Characters of a key that signs with HS256 (RFC 7518, 3.2: as long as the hash)."""

OTHER_VARIABLES: Mapping[str, str] = {
    "ANXIN_CONFIG": "Path of config.yml; default: config.yml in the current folder, then beside the program.",
    "ANXIN_PYTHON310": "Python 3.10 for Rasa's environment, where `python3.10`, pyenv and uv do not find it.",
    "ANXIN_PYTHON": "Python 3.11 or newer for the service's environment, where `make setup` finds none.",
    "ANXIN_DATA": "The data folder, instead of service.data.",
}
"""Other environment variables, with their help lines."""


class SettingsError(Exception):
    """config.yml or the environment holds something wrong; one line for each problem, with the fix."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the program was told, with the origin of each value (`sources["bot.workers"]`)."""

    sections: Sections
    home: Path
    data: Path
    config_file: Path
    secrets: Mapping[str, Secret]
    sources: Mapping[str, str]

    def secret(self, variable: str) -> str | None:
        """The secret's value, or None where the environment has none."""
        found = self.secrets.get(variable)
        return found.value if found else None


def load(environment: Mapping[str, str] | None = None, config_file: Path | None = None) -> Settings:
    """Parse config.yml and the environment.

    Raises SettingsError with every problem found, not only the first.
    """
    environment = os.environ if environment is None else environment
    path = config_file or find_config(environment)
    written = _read_config(path)
    problems = _unknown_keys(written, path.name)
    values = {name: dict(written.get(name) or {}) for name in Sections.model_fields}
    sources = {f"{s}.{k}": path.name for s, keys in values.items() for k in keys}
    problems += _apply_environment(values, sources, environment)
    try:
        sections = Sections.model_validate(values)
    except ValidationError as error:
        problems += [
            _explain(e, sources)
            for e in error.errors()
            if e["type"] != "extra_forbidden" or len(e["loc"]) > 2
        ]
        raise SettingsError(problems) from None
    problems += _contradictions(sections)
    problems += _weak_secrets(environment)
    if problems:
        raise SettingsError(problems)
    secrets = {v: Secret(variable=v, value=environment[v]) for v in SECRETS if environment.get(v)}
    data = Path(environment.get("ANXIN_DATA") or sections.service.data)
    return Settings(
        sections=sections,
        home=path.parent,
        data=data if data.is_absolute() else path.parent / data,
        config_file=path,
        secrets=secrets,
        sources=sources,
    )


def find_config(environment: Mapping[str, str]) -> Path:
    """config.yml: ANXIN_CONFIG, else the current folder's, else the one beside the program."""
    if named := environment.get("ANXIN_CONFIG"):
        return Path(named).resolve()
    here = Path.cwd() / "config.yml"
    return here if here.exists() else Path(__file__).resolve().parent.parent / "config.yml"


def _read_config(path: Path) -> dict[str, Any]:
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            [f"{path}: no such file. Name it with ANXIN_CONFIG or start in the project's folder."]
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path.name} is not readable YAML: {error}"]) from None
    if not isinstance(written, dict):
        raise SettingsError([f"{path.name} must be a mapping of sections."])
    for name in Sections.model_fields:
        if not isinstance(written.get(name) or {}, dict):
            raise SettingsError([f"{path.name}: {name} must be a mapping of settings."])
    return written


def _unknown_keys(written: Mapping[str, Any], file: str) -> list[str]:
    problems = []
    for section, keys in written.items():
        if section in RASA_KEYS:
            continue
        if section not in Sections.model_fields:
            problems.append(
                _unknown(f"{file}: unknown section", section, [*Sections.model_fields, *RASA_KEYS])
            )
            continue
        known = list(_section_model(section).model_fields)
        problems += [
            _unknown(f"{file}: unknown setting", f"{section}.{key}", [f"{section}.{k}" for k in known])
            for key in keys or {}
            if key not in known
        ]
    return problems


def _unknown(what: str, name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"{what} {name!r}." + (
        f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(sorted(known))}."
    )


def _section_model(section: str) -> type[BaseModel]:
    model = Sections.model_fields[section].annotation
    assert isinstance(model, type) and issubclass(model, BaseModel)
    return model


def _apply_environment(
    values: dict[str, dict[str, Any]], sources: dict[str, str], environment: Mapping[str, str]
) -> list[str]:
    problems = []
    known = {
        f"ANXIN_{s.upper()}__{k.upper()}": (s, k)
        for s in Sections.model_fields
        for k in _section_model(s).model_fields
    }
    for variable, text in environment.items():
        if variable in known:
            section, key = known[variable]
            sources[f"{section}.{key}"] = variable
            try:
                values[section][key] = yaml.safe_load(text) if text[:1] in ("[", "{") else text
            except yaml.YAMLError:
                problems.append(f"{variable} is not readable JSON: {text!r}")
        elif variable.startswith("ANXIN_") and variable not in SECRETS and variable not in OTHER_VARIABLES:
            names = [*known] if "__" in variable else [*SECRETS, *OTHER_VARIABLES]
            problems.append(_unknown("environment: unknown variable", variable, names))
    return problems


def _weak_secrets(environment: Mapping[str, str]) -> list[str]:
    weak = [v for v in KEYS if 0 < len(environment.get(v, "")) < SHORTEST_KEY]
    return [f"{v} is shorter than {SHORTEST_KEY} characters; `openssl rand -hex 32` makes one." for v in weak]


def _explain(error: Any, sources: Mapping[str, str]) -> str:
    """One line for what pydantic found; `loc` is section, setting, and inside of a table its own setting."""
    source = sources.get(".".join(str(part) for part in error["loc"][:2]), "config.yml")
    name = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        table = _section_model(error["loc"][0]).model_fields[error["loc"][1]].annotation
        known = [f"{error['loc'][0]}.{error['loc'][1]}.{key}" for key in getattr(table, "model_fields", ())]
        return _unknown(f"{source}: unknown setting", name, known)
    if error["type"] == "value_error":  # ours: it names the field, the value and the fix
        return f"{source}: {name}: {error['ctx']['error']}"
    return f"{source}: {name}: {error['msg']} (got {error['input']!r})"


def _contradictions(sections: Sections) -> list[str]:
    bot, conversations = sections.bot, sections.conversations
    problems = []
    if not bot.action_timeout_s < bot.rasa_timeout_s < conversations.turn_lease_s:
        problems.append(
            "bot.action_timeout_s < bot.rasa_timeout_s < conversations.turn_lease_s must hold "
            f"({bot.action_timeout_s} < {bot.rasa_timeout_s} < {conversations.turn_lease_s})."
        )
    if conversations.fragment_window_s > conversations.fragment_bound_s:
        problems.append("conversations.fragment_window_s must not exceed conversations.fragment_bound_s.")
    if sections.shop.orders == "rest" and not sections.shop.api_url:
        problems.append("shop.orders is rest, so shop.api_url must name the shop's order API.")
    return problems
