"""Customer tokens: a signed proof that somebody holds one conversation. Nothing is stored.

A token names its conversation and when it ends. It says nothing about who the customer is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import jwt

from service.http.errors import BadToken

AUDIENCE = "anxin-chat"
ALGORITHM = "HS256"


class CustomerTokens:
    """Signs and checks the tokens of one installation."""

    def __init__(self, secret_key: str, *, days: float) -> None:
        self._key = secret_key
        self._lasts = timedelta(days=days)

    def issue(self, conversation_id: UUID, *, now: datetime) -> str:
        """A token for this conversation."""
        claims = {"aud": AUDIENCE, "sub": str(conversation_id), "iat": now, "exp": now + self._lasts}
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def check(self, token: str) -> UUID:
        """The conversation that the token belongs to; BadToken for anything else than our own, live token."""
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                options={"require": ["exp", "sub", "aud"]},
            )
            return UUID(str(claims["sub"]))
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise BadToken("The conversation's token is missing, wrong or has ended; start again.") from None
