"""How long to wait before a part that ended is started again."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class BackOff:
    """Doubles with every end that follows a short life; a life of `well_s` begins anew."""

    first_s: float = 0.5
    most_s: float = 60.0
    well_s: float = 60.0
    failures: int = 0

    def after(self, ran_s: float) -> BackOff:
        """The next value, for a part that had been ready for `ran_s` when it ended."""
        return replace(self, failures=1 if ran_s >= self.well_s else self.failures + 1)

    @property
    def delay_s(self) -> float:
        """How long to wait now."""
        return min(self.most_s, self.first_s * 2.0 ** min(self.failures - 1, 30)) if self.failures else 0.0
