"""Signed identities: what the shop's own server says about a customer, as a JWT (docs/api/identity.md).

The algorithm is fixed to HS256 with ANXIN_IDENTITY_SECRET; a token that says otherwise is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.http.errors import BadIdentity

AUDIENCE = "anxin"
ALGORITHM = "HS256"
CLOCK_SKEW_S = 30
"""Two servers' clocks differ by seconds; more is a mistake that should be seen."""


class _Claims(BaseModel):
    """The claims that are read; others are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)

    sub: str = Field(max_length=128)
    name: str = Field("", max_length=200)
    phone: str = Field("", max_length=40)
    email: str = Field("", max_length=254)
    vip: bool = False
    iat: int | float | None = None
    exp: int | float | None = None
    sandbox: str = Field("", max_length=64, pattern=r"^[a-z0-9-]*$")
    clock_shift_s: int = Field(0, ge=-40_000_000, le=40_000_000)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A customer whom the shop's server vouches for; `sandbox` and `clock_shift_s` in demo mode only.

    There a played conversation may also be nobody's: `shop_id` is empty then.
    """

    shop_id: str
    name: str
    phone: str
    email: str
    vip: bool
    sandbox: str = ""
    clock_shift_s: int = 0


class Identities:
    """Checks the identities of one shop; in demo mode it signs them as well, for the demo storefront."""

    def __init__(self, secret: str, *, max_age_s: float, is_demo: bool) -> None:
        self._secret = secret
        self._max_age_s = max_age_s
        self._is_demo = is_demo

    def check(self, token: str, *, now: datetime) -> Identity:
        """The customer named by the token; BadIdentity where the signature, the time or a claim is wrong."""
        claims = self._claims(token)
        self._check_age(claims, now)
        if not claims.sub and not (self._is_demo and claims.sandbox):
            raise BadIdentity("The identity needs sub, the customer's id in the shop.", field="identity")
        return Identity(
            shop_id=claims.sub,
            name=claims.name,
            phone=claims.phone,
            email=claims.email,
            vip=claims.vip,
            sandbox=claims.sandbox if self._is_demo else "",
            clock_shift_s=claims.clock_shift_s if self._is_demo else 0,
        )

    def sign(self, claims: Mapping[str, str | int | bool], *, now: datetime) -> str:
        """What a real shop's server would sign; only the demo shop's routes call it."""
        times = {"aud": AUDIENCE, "iat": now, "exp": now + timedelta(seconds=self._max_age_s)}
        return jwt.encode({**claims, **times}, self._secret, algorithm=ALGORITHM)

    def _claims(self, token: str) -> _Claims:
        try:
            decoded = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                leeway=CLOCK_SKEW_S,
                options={"require": ["sub", "aud"]},
            )
            claims = _Claims.model_validate(decoded)
        except (jwt.PyJWTError, ValidationError, ValueError, RecursionError):
            raise BadIdentity(
                "The identity must be a JWT signed with HS256 and ANXIN_IDENTITY_SECRET, "
                "with aud anxin, sub, and exp or iat; see docs/api/identity.md.",
                field="identity",
            ) from None
        if any("\x00" in text for text in (claims.sub, claims.name, claims.phone, claims.email)):
            raise BadIdentity("The identity must not contain NUL characters.", field="identity")
        return claims

    def _check_age(self, claims: _Claims, now: datetime) -> None:
        if claims.exp is not None:
            return  # PyJWT has compared it with the clock
        if claims.iat is None:
            raise BadIdentity("The identity needs exp or iat.", field="identity")
        if now.timestamp() - claims.iat > self._max_age_s + CLOCK_SKEW_S:
            raise BadIdentity("The identity is too old; the shop's server signs a new one.", field="identity")
