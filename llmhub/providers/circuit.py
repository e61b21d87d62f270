"""`Circuit`: a provider that has failed again and again is left alone for a while, so that nobody waits for it in vain.

Only what the provider itself did counts: it could not be reached, broke down, or kept silent. A refusal (a key, a limit, a request)
shows that it lives. When the rest is over, one request finds out whether it is well; until that has ended the others are refused.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from ..errors import Interrupted, ProviderError, TimedOut, Unavailable
from .refusals import NO_CREDIT, duration

AFTER: Final = 5
"""Failures in a row, each after the tries of `Patient`."""
REST: Final = 15.0
"""Seconds; twice as long after each attempt that failed, up to `LONGEST`."""
LONGEST: Final = 240.0
RESTING: Final = "resting"
"""`details["reason"]` of what is refused meanwhile."""


class Circuit:
    """Of one provider. `clock` is in seconds."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._clock = clock
        self._failures = 0
        self._rest = REST
        self._until: float | None = None
        self._is_probed = False

    @property
    def seconds(self) -> float:
        """How long the provider is left alone yet; 0: it may be asked."""
        return 0 if self._until is None else max(0, self._until - self._clock())

    @property
    def why_not(self) -> str | None:
        """Why its models cannot be used just now, in words."""
        if not self.seconds:
            return None
        return f"'{self._name}' failed {self._failures} times in a row; it is asked again in {duration(self.seconds)}."

    @contextmanager
    def attempt(self, model: str) -> Generator[Attempt]:
        """One question to the provider. Raises `Unavailable` at once while it rests."""
        if self._until is not None and (self.seconds or self._is_probed):
            raise self._resting(model)
        is_probe = self._is_probed = self._until is not None
        attempt = Attempt()
        try:
            yield attempt
        except ProviderError as exc:
            if is_fault(exc) and not attempt.is_alive:
                self._failed()
            else:
                self.close()
            raise
        finally:
            if attempt.is_alive:
                self.close()
            if is_probe:
                self._is_probed = False

    def close(self) -> None:
        """It is well."""
        self._failures, self._rest, self._until = 0, REST, None

    def _failed(self) -> None:
        self._failures += 1
        if self._until is not None:
            self._rest = min(2 * self._rest, LONGEST)
        if self._failures >= AFTER:
            self._until = self._clock() + self._rest

    def _resting(self, model: str) -> Unavailable:
        again = f"in {duration(self.seconds)}" if self.seconds else "at this moment"
        return Unavailable(
            f"'{self._name}' failed {self._failures} times in a row and is left alone for a while.",
            hint=f"It is asked again {again}. Choose another model meanwhile, or test '{self._name}' in the settings.",
            provider=self._name,
            model=model,
            retry_after=self.seconds or None,
            details={"reason": RESTING, "seconds": round(self.seconds, 1)},
        )


class Attempt:
    """A question under way. `is_alive`: the provider has said something."""

    is_alive = False


def is_fault(exc: ProviderError) -> bool:
    """Whether a failure is the provider's own state, not what was asked or who asked."""
    return isinstance(exc, Unavailable | TimedOut | Interrupted) and exc.details.get("reason") not in (NO_CREDIT, RESTING)
