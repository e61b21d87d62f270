"""What the readers of all wires share: how an answer ends, and what its ending means when something is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from ..messages import FinishReason, Usage
from . import faults, refusals
from .base import Finished, ProviderEvent, Reasoning, Text, ToolCall, Used
from .faults import Place
from .loose import number, obj, text

_STATUS: Final = {
    "overloaded_error": 529,
    "rate_limit_error": 429,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "invalid_request_error": 400,
    "timeout_error": 504,
    "api_error": 500,
}


class WireReader:
    """Subclasses read frames in `read` and set `reason` when the provider says how the answer ended."""

    def __init__(self, place: Place) -> None:
        self.done = False
        self.place = place
        self.reason: FinishReason | None = None
        self.why = ""
        """The provider's own name for what its filter found."""
        self.usage: Usage | None = None
        self.said = False
        self._heard = False

    def feed(self, frame: bytes) -> Iterable[ProviderEvent]:
        """What one frame says."""
        self._heard = True
        before = self.usage
        for event in self.read(frame):
            if isinstance(event, Text | Reasoning | ToolCall):
                self.said = True
            yield event
        if self.usage is not before and self.usage is not None and self.place.slip is not None:
            self.place.slip.reported(self.usage)  # it may be the last that is heard: who is stopped pays for what was reported

    def read(self, frame: bytes) -> Iterable[ProviderEvent]:
        """The wire's own part of `feed`."""
        raise NotImplementedError

    def end(self) -> Iterator[ProviderEvent]:
        """Usage and finish; raises if the answer was cut, refused or empty."""
        if self.usage is not None:
            yield Used(self.usage)
        if self.reason is None:
            raise faults.cut_short(self.place) if self._heard else faults.empty_answer(self.place)
        if self.reason == "content_filter":
            if self.said:
                yield Finished("content_filter")
            raise faults.filtered(self.place, self.why, midway=self.said)
        if not self.said and self.reason == "stop":
            raise faults.empty_answer(self.place)
        yield Finished(self.reason)

    def broken_off(self, error: Any) -> Exception:
        """The error that a provider put into its stream: an interruption once something has been said."""
        error = {"message": error} if isinstance(error, str) else obj(error)
        marks, words = refusals.marks_of(error), refusals.words_of(error)
        if self.said:
            return faults.broke_off(self.place, words)
        status = number(error.get("code")) or number(error.get("status")) or _STATUS.get(text(error.get("type"))) or 500
        return refusals.classify(
            int(status) if 400 <= status < 600 else 500, marks, words, self.place, refusals.retry_after({}, error)
        )
