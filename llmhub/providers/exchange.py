"""What went over the wire to a provider and what came back, for who wants to see it: in memory, bounded, and shown without keys.

While an answer streams, only references to the pieces that came are kept. Everything that takes time (leaving files' bytes out,
masking, joining) is done when somebody looks, or, for a large request, when the run has ended.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final, NamedTuple, cast
from urllib.parse import quote

import orjson

from ..messages import Value
from .redact import without_keys

HEAD: Final = 256 * 1024
TAIL: Final = 64 * 1024
"""Bytes that are kept of the beginning and of the end of an answer."""
LONGEST_REQUEST: Final = 160 * 1024
"""Bytes of a request, its files left out, that are kept as JSON. Of a longer one the beginning and the end are."""
MOST: Final = 512 * 1024
"""Bytes that are kept of one run. The oldest attempts make room."""
MASK: Final = "[key]"
STOPPED: Final = "The answer was stopped here."


class Exchange(Value):
    """One attempt to get an answer, fit to be shown: no key stands in it, and no file's bytes.

    `request_body` is JSON, or text where only its beginning and end were kept; so it is with `response_body`. `truncated` says
    that something of either is missing.
    """

    provider: str
    method: str
    """The HTTP method, or "litellm": then the request is what litellm was given, and the response what it gave."""
    url: str
    request_headers: dict[str, str]
    request_body: Any
    status: int | None
    response_headers: dict[str, str]
    response_body: str
    truncated: bool
    started_at: datetime
    duration_ms: float | None
    error: str | None


class Kept(NamedTuple):
    """The bytes of one direction: all of them, or a beginning and an end with so many left out between them."""

    head: bytes
    tail: bytes = b""
    left_out: int = 0

    @property
    def size(self) -> int:
        """What it takes."""
        return len(self.head) + len(self.tail)

    def text(self, mask: Mask) -> str:
        """As text, with a note where something is left out."""
        head = mask.text(_without_long_base64(self.head.decode(errors="replace")))
        if not self.left_out:
            return head
        tail = mask.text(_without_long_base64(self.tail.decode(errors="replace")))
        gap = f"\n[… {self.left_out:,} bytes are left out here …]\n"
        return mask.before_gap(head) + gap + mask.behind_gap(tail)


class Attempt:
    """One request and what has come back so far. All methods are for the event loop's thread, and take next to no time."""

    def __init__(
        self, provider: str, method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any], content: bytes | None
    ) -> None:
        self.provider, self.method, self.url, self.headers = provider, method, url, headers
        self.started_at = datetime.now(UTC)
        self.status: int | None = None
        self.response_headers: Mapping[str, str] = {}
        self.error: str | None = None
        self.duration_ms: float | None = None
        self.body: Mapping[str, Any] | None = body
        self.content = content
        """The request as it is sent. None: it was not encoded by us."""
        self.request: Kept | None = None
        """What is kept of the request when the run has ended."""
        self._began = monotonic()
        self._size = 0
        self._head: list[bytes] = []
        self._tail: deque[bytes] = deque()
        self._tail_size = 0

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """The provider began to answer."""
        self.status, self.response_headers = status, headers

    def took(self, piece: bytes) -> None:
        """A piece of the answer came."""
        if self._size < HEAD:
            self._head.append(piece)
        else:
            self._tail.append(piece)
            self._tail_size += len(piece)
            while self._tail_size - len(self._tail[0]) >= TAIL:
                self._tail_size -= len(self._tail.popleft())
        self._size += len(piece)

    def ended(self, error: str | None = None) -> None:
        """Nothing more comes; `error` says why, if it is not the proper end."""
        self.error = error
        self.duration_ms = round((monotonic() - self._began) * 1000, 1)

    @property
    def answer(self) -> Kept:
        """What is kept of the answer."""
        head, tail = b"".join(self._head), b"".join(self._tail)
        if len(head) + len(tail) == self._size <= HEAD + TAIL:
            return Kept(head + tail)
        head, tail = head[:HEAD], (head[HEAD:] + tail)[-TAIL:]
        return Kept(head, tail, self._size - len(head) - len(tail))

    def settle(self) -> None:
        """The run has ended: many small pieces become one, and a large request what there is room for."""
        self.request = _request_of(self)
        self.body = self.content = None
        self._head, self._tail = [b"".join(self._head)], deque([b"".join(self._tail)])

    def forget_answer(self) -> None:
        """Make room."""
        self._head, self._tail, self._tail_size = [], deque(), 0

    def forget_request(self) -> None:
        """Make room."""
        if self.request is not None:
            self.request = Kept(b"", b"", self.request.size + self.request.left_out)


@dataclass(slots=True)
class Recorder:
    """The attempts of one run. `secrets` are what must not be shown of any of them."""

    attempts: list[Attempt] = field(default_factory=list[Attempt])
    secrets: set[str] = field(default_factory=set[str], repr=False)

    def begin(
        self,
        provider: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Mapping[str, Any],
        content: bytes | None,
        secrets: Iterable[str],
    ) -> Attempt:
        """A request goes out now. `content` is `body` as it is sent, if we know it."""
        if self.attempts and self.attempts[-1].content == content:
            content = self.attempts[-1].content  # the same again, kept once
        self.secrets.update(secrets)
        attempt = Attempt(provider, method, url, headers, body, content)
        self.attempts.append(attempt)
        return attempt

    @property
    def is_large(self) -> bool:
        """Whether `settle` has to look at what a request says, which takes time."""
        return any(_is_large(attempt) for attempt in self.attempts)

    def settle(self) -> None:
        """The run has ended: keep of it what there is room for. The oldest attempts make room, the last one is always kept."""
        for attempt in self.attempts:
            attempt.settle()
        for forget in (Attempt.forget_answer, Attempt.forget_request):
            for attempt in self.attempts[:-1]:
                if self._size() > MOST:
                    forget(attempt)

    def show(self) -> Callable[[], list[Exchange]]:
        """What was recorded so far. What this gives is to be called in a thread: it looks at every byte."""
        parts = [(copy(attempt), attempt.answer) for attempt in self.attempts]
        mask = Mask(self.secrets)
        return lambda: [_shown(attempt, answer, mask) for attempt, answer in parts]

    def _size(self) -> int:
        return sum(one.answer.size + (one.request.size if one.request else 0) for one in self.attempts)


def _is_large(attempt: Attempt) -> bool:
    return attempt.request is None and (attempt.content is None or len(attempt.content) > LONGEST_REQUEST)


def _request_of(attempt: Attempt) -> Kept:
    """A request as it is kept: what is too long without its files' bytes, and with a gap if it is too long even so."""
    if attempt.request is not None:
        return attempt.request
    content = attempt.content
    if content is None or (len(content) > LONGEST_REQUEST and _has_files(attempt.body)):
        content = _encoded(without_files(attempt.body))
    if len(content) <= LONGEST_REQUEST:
        return Kept(content)
    half = LONGEST_REQUEST // 2
    return Kept(content[:half], content[-half:], len(content) - 2 * half)


def _encoded(body: Any) -> bytes:
    try:
        return orjson.dumps(body, default=str)
    except TypeError:
        return json.dumps(body, default=str, ensure_ascii=False).encode(errors="replace")


# ---- showing


def _shown(attempt: Attempt, answer: Kept, mask: Mask) -> Exchange:
    request = _request_of(attempt)
    return Exchange(
        provider=attempt.provider,
        method=attempt.method,
        url=mask.url(attempt.url),
        request_headers=mask.headers(attempt.headers),
        request_body=_body(request, mask),
        status=attempt.status,
        response_headers=mask.headers(attempt.response_headers),
        response_body=answer.text(mask),
        truncated=bool(request.left_out or answer.left_out),
        started_at=attempt.started_at,
        duration_ms=attempt.duration_ms,
        error=None if attempt.error is None else mask.text(attempt.error),
    )


def _body(request: Kept, mask: Mask) -> Any:
    if not request.left_out:
        with suppress(orjson.JSONDecodeError):
            return mask.value(without_files(orjson.loads(request.head)))
    return request.text(mask)


_SECRET_HEADER: Final = re.compile(r"auth|key|token|secret|cookie|password|credential|signature", re.IGNORECASE)
_SECRET_ARGUMENT: Final = re.compile(
    r"([?&;][\w.-]*(?:key|token|secret|signature|sig|password|auth|credential)[\w.-]*=)[^&#\s]*", re.IGNORECASE
)
_LOGIN: Final = re.compile(r"(://)[^/@\s]+@")
_LOOKS_LIKE_A_KEY: Final = re.compile(
    r"\b(?:(?:sk|pk|rk|gsk|xai|hf|csk|fw|nvapi)[-_](?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{16,}"
    r"|AIza[A-Za-z0-9_-]{30,}|AKIA[A-Z0-9]{16}\b|Bearer\s+[A-Za-z0-9._~+/-]{12,}=*)"
)
_SHORTEST_SECRET: Final = 4


class Mask:
    """Takes keys out of whatever is to be shown: `secrets` wherever and however they are written, and what looks like a key."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._whole = frozenset(secret.strip() for secret in secrets)
        spelled = {form for secret in self._whole if len(secret) >= _SHORTEST_SECRET for form in _spellings(secret)}
        self._secrets = sorted(spelled, key=len, reverse=True)

    def text(self, text: str) -> str:
        """Any text."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return _LOOKS_LIKE_A_KEY.sub(MASK, text)

    def value(self, value: Any) -> Any:
        """Any JSON."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in cast("list[Any]", value)]
        if isinstance(value, dict):
            return {self.text(name): self.value(inner) for name, inner in cast("dict[str, Any]", value).items()}
        return value

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers: those that are there for keys say nothing."""
        return {name: self._header(name, value) for name, value in headers.items()}

    def url(self, url: str) -> str:
        """An address, without what logs in."""
        return self.text(_SECRET_ARGUMENT.sub(rf"\1{MASK}", _LOGIN.sub(rf"\1{MASK}@", url)))

    def before_gap(self, text: str) -> str:
        """Text that is cut off: without the beginning of a secret at its end."""
        for secret in self._secrets:
            for size in range(len(secret) - 1, 2, -1):
                if text.endswith(secret[:size]):
                    return text[:-size] + MASK
        return text

    def behind_gap(self, text: str) -> str:
        """The same for the other side."""
        for secret in self._secrets:
            for size in range(len(secret) - 1, 2, -1):
                if text.startswith(secret[-size:]):
                    return MASK + text[size:]
        return text

    def _header(self, name: str, value: str) -> str:
        is_a_count = "ratelimit" in name.lower()  # of tokens
        if value.strip() in self._whole or (_SECRET_HEADER.search(name) and not is_a_count):
            return MASK
        return without_keys(self.url(value), ())


def _spellings(secret: str) -> Iterable[str]:
    """A secret as it may stand in a text, in JSON or in an address."""
    as_json = json.dumps(secret)[1:-1]
    return {secret, as_json, as_json.replace("/", r"\/"), quote(secret, safe=""), quote(secret)}


# ---- files

_FIELDS_OF_BYTES: Final = frozenset({"data", "file_data", "images", "url", "image_url", "bytes"})
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{64}")
_LONG_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{1024,}={0,2}")
_DATA_URL: Final = re.compile(r"data:[^,;\s]{0,200}(?:;[^,;\s]{0,200})*;base64,")


def without_files(value: Any, name: str = "") -> Any:
    """JSON with a note for each file's bytes. Strings that are text are the same objects."""
    if isinstance(value, str):
        return _file_note(value, name)
    if isinstance(value, Mapping):
        return {key: without_files(inner, key) for key, inner in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [without_files(item, name) for item in cast("Sequence[Any]", value)]
    return value


def _has_files(value: Any, name: str = "") -> bool:
    if isinstance(value, str):
        return _file_note(value, name) is not value
    if isinstance(value, Mapping):
        return any(_has_files(inner, key) for key, inner in cast("Mapping[str, Any]", value).items())
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return any(_has_files(item, name) for item in cast("Sequence[Any]", value))
    return False


def _file_note(text: str, name: str) -> str:
    if len(text) < 64:
        return text
    if text.startswith("data:") and (start := _DATA_URL.match(text)):
        return start[0] + _note(len(text) - start.end())
    if name in _FIELDS_OF_BYTES and _BASE64.match(text):
        return _note(len(text))
    return text


def _without_long_base64(text: str) -> str:
    """Text as it came over the wire, with a note for what can only be bytes."""
    return _LONG_BASE64.sub(lambda found: _note(len(found[0])), text)


def _note(characters: int) -> str:
    return f"[{characters * 3 / 4000:,.1f} kB of a file are left out]"
