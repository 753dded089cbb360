"""What is known of Rasa between two calls: whether it is up, and which model it has loaded."""

from __future__ import annotations

from typing import Protocol

from bot.rasa_client import RasaHealth


class TellsHealth(Protocol):
    """The part of the Rasa client that is asked."""

    async def health(self) -> RasaHealth: ...


class RasaState:
    """Asks for Rasa's health and remembers the model; a new model begins new generations of trackers."""

    def __init__(self, rasa: TellsHealth) -> None:
        self._rasa = rasa
        self._model: str | None = None
        self._was_up = False

    def model(self) -> str | None:
        """The model last seen; kept while Rasa is away, for coming back is no change."""
        return self._model

    def was_up(self) -> bool:
        """Whether it was up when it was last asked."""
        return self._was_up

    async def is_up(self) -> bool:
        """Ask now."""
        health = await self._rasa.health()
        self._was_up = health.ready
        if health.ready and health.model:
            self._model = health.model
        return health.ready
