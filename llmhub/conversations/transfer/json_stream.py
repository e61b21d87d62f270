"""JSON as a stream: values one by one out of files that do not fit into memory, and what a file looks like from its beginning.

A stranger wrote it. Depth is counted ahead of the parser, which would take hours for a million brackets; one value may take so
much and no more; and whatever is broken says where.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import accumulate, islice
from typing import Any, BinaryIO, Final, cast

import orjson

from ...errors import Invalid, LLMHubError, TooLarge

DEEPEST: Final = 5_000
"""Levels of brackets. A tree of messages nested in one another (LibreChat's recursive export) takes two for each."""
LARGEST: Final = 64 * 2**20
"""Bytes of one value: a conversation with its pictures inside."""
_LOOKED_AT: Final = 8 * 2**20
_PIECE: Final = 2**16
_FIRST: Final = 20
"""Entries of an array that are looked at: one that is broken must not hide what the others are."""
_KEY_DEPTH: Final = 6
_ESCAPE: Final = re.compile(rb"\\.", re.DOTALL)
_HALF: Final = re.compile(
    rb"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)
_UNFINISHED: Final = re.compile(rb"(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?:\\(?:u[0-9a-fA-F]{0,3})?)?|\\(?:u[0-9a-fA-F]{0,3})?)\Z")
_OTHER: Final = bytes(byte for byte in range(256) if byte not in b'[]{}"')
_NUMBER: Final = b"0123456789+-.eE"
_DIGITS: Final = 600
"""Of one number: Python makes whole numbers of some thousand digits at most, where it was told so of 640."""
_IMPOSSIBLE: Final = re.compile(rb"[0-9+.eE-]{%d}|[eE][+-]?[0-9]{7}" % (_DIGITS + 1))
_STEP: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class _Guarded:
    """A file whose depth and size are watched. `begin` says that a new value begins.

    `exact`: the parser makes Python's own numbers of what it reads. Where those cannot be made, it takes the whole process down,
    so it must not see such a number.
    """

    def __init__(self, file: BinaryIO, name: str, *, exact: bool) -> None:
        self._exact = exact
        self._number = b""
        self._rest = b""
        self._file = file
        self._name = name
        self._held = b""
        self._in_text = False
        self._depth = 0
        self._since = 0
        self._decoder: codecs.IncrementalDecoder | None = None

    def begin(self) -> None:
        self._since = 0

    def read(self, size: int = -1) -> bytes:
        data = b""
        while not data and (raw := self._file.read(size)):
            data = self._mended(self._plain(raw))
        if not data and size:
            data, self._rest = self._rest, b""
        self._since += len(data)
        if self._since > LARGEST:
            raise TooLarge(
                f"{self._name} holds one entry of more than {LARGEST // 2**20} MB, and was not read on.",
                hint="Import the rest of the archive without it.",
            )
        self._count(data)
        return data

    def _plain(self, raw: bytes) -> bytes:
        """UTF-8 without its mark. One bad byte in a text is one bad character, not the end of the file."""
        if self._decoder is None:
            name = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
            self._decoder = codecs.getincrementaldecoder(name)("replace")
        return self._decoder.decode(raw).encode(errors="replace")

    def _mended(self, data: bytes) -> bytes:
        """Without escaped halves of a pair of surrogates: the parser breaks off at a second one that stands alone, and takes
        whatever follows a first one for its second.
        """
        data = self._rest + data
        cut = _UNFINISHED.search(data)
        start = len(data) if cut is None else cut.start()
        if start < len(data) and (start - len(data[:start].rstrip(b"\\"))) % 2:
            start += 1  # that backslash is itself escaped
            start = len(data) if start == len(data) else start + max(0, data[start:].find(b"\\"))
        data, self._rest = data[:start], data[start:]
        return _HALF.sub(lambda match: match[1] or (b"\\ufffd" if match[2] else match[0]), data) if b"\\u" in data else data

    def _count(self, data: bytes) -> None:
        """Follow the depth, looking only at brackets outside of texts."""
        text = self._held + data
        self._held = b""
        if (len(text) - len(text.rstrip(b"\\"))) % 2:
            text, self._held = text[:-1], b"\\"
        plain = _ESCAPE.sub(b"", text)
        if self._exact:
            self._check_numbers(plain)
        pieces = plain.translate(None, _OTHER).split(b'"')
        outside = b"".join(pieces[1 if self._in_text else 0 :: 2])
        self._in_text ^= len(pieces) % 2 == 0
        if not outside:
            return
        depths = list(accumulate(map(_STEP.__getitem__, outside), initial=self._depth))
        self._depth = depths[-1]
        if max(depths) > DEEPEST:
            raise Invalid(
                f"{self._name} is nested more than {DEEPEST:,} levels deep, and was not read on.",
                hint="No product exports anything like it. Download the export again.",
            )

    def _check_numbers(self, text: bytes) -> None:
        """Look for impossible numbers outside of texts, also for one that began in the piece before."""
        outside = self._number + b" ".join(text.split(b'"')[1 if self._in_text else 0 :: 2])
        if _IMPOSSIBLE.search(outside):
            raise Invalid(
                f"{self._name} holds a number of more than {_DIGITS} digits, and was not read on.",
                hint="No product exports anything like it. Download the export again.",
            )
        ends_in_text = self._in_text ^ (text.count(b'"') % 2 == 1)
        self._number = b"" if ends_in_text else outside[len(outside.rstrip(_NUMBER)) :]


def items(open: Callable[[], BinaryIO], prefix: str, name: str) -> Iterator[Any]:
    """The values at `prefix`; objects are dicts, arrays lists, numbers int and float. Raises `Invalid` and `TooLarge`."""
    count = 0
    try:
        for item in _items(open, prefix, name, exact=False):
            count += 1
            yield item
    except LLMHubError:
        raise
    except Exception as exc:  # ijson's own errors, and what it may meet in a file
        if "overflow" not in str(exc):
            raise _broken(name, count) from exc
    else:
        return
    # A number that no float or 64 bits can hold. Reading on with exact numbers takes longer, so it is done only then.
    try:
        for item in islice(_items(open, prefix, name, exact=True), count, None):
            count += 1
            yield _floats(item)
    except LLMHubError:
        raise
    except Exception as exc:
        raise _broken(name, count) from exc


def lines(open: Callable[[], BinaryIO], name: str) -> Iterator[Any]:
    """The values of a file with one on each line; None for one that is broken or nested absurdly. Raises `TooLarge`."""
    with open() as file:
        while line := file.readline(LARGEST):
            if len(line) >= LARGEST:
                raise TooLarge(f"{name} holds one line of more than {LARGEST // 2**20} MB, and was not read on.")
            if line.strip():
                try:
                    yield orjson.loads(line.decode("utf-8-sig", "replace"))
                except ValueError:
                    yield None


def _items(open: Callable[[], BinaryIO], prefix: str, name: str, *, exact: bool) -> Iterator[Any]:
    import ijson  # on first use

    with open() as file:
        guarded = _Guarded(file, name, exact=exact)
        for item in cast("Iterator[Any]", ijson.items(guarded, prefix, use_float=not exact, buf_size=_PIECE)):
            guarded.begin()
            yield item


def _floats(value: Any) -> Any:
    """With floats for exact numbers, and no whole number of more than 64 bits."""
    root = [value]
    waiting: list[Any] = [root]
    while waiting:
        place = waiting.pop()
        pairs: Any = cast(Any, place).items() if isinstance(place, dict) else enumerate(place)
        for key, inner in cast("list[tuple[Any, Any]]", list(pairs)):
            if isinstance(inner, dict | list):
                waiting.append(inner)
            elif isinstance(inner, Decimal) or (isinstance(inner, int) and abs(inner) >= 2**63):
                number = float(inner) if abs(inner) < Decimal("1e308") else None
                place[key] = number
    return root[0]


def shape(file: BinaryIO, name: str) -> frozenset[str]:
    """The paths of all keys near the top of the first entries. What is broken further on is not looked at here."""
    import ijson

    guarded = _Guarded(file, name, exact=True)
    paths: set[str] = set()
    entries = 0
    spent = 0
    events = cast("Iterator[tuple[str, str, Any]]", ijson.parse(guarded, buf_size=2**14, multiple_values=True))
    try:
        for prefix, event, value in events:
            spent += 64 + (len(value) if isinstance(value, str) else 0)
            if event == "map_key" and prefix.count(".") < _KEY_DEPTH and len(prefix) < 200:
                paths.add(f"{prefix}.{value}"[:300] if prefix else str(value)[:300])
            elif event == "start_array" and not prefix:
                paths.add("[]")
            elif event == "end_map" and not prefix:
                guarded.begin()
                entries += 1  # one of several lines
            elif prefix == "item" and event in ("end_map", "end_array", "string", "number", "null", "boolean"):
                guarded.begin()
                entries += 1
            if entries >= _FIRST or spent > _LOOKED_AT or len(paths) > 20_000:
                break
    except LLMHubError:
        raise
    except Exception:  # broken, or not JSON after all: whoever reads it says where
        paths.add("?")
    return frozenset(paths)


def _broken(name: str, count: int) -> Invalid:
    after = "" if not count else " after its first entry" if count == 1 else f" after {count:,} entries"
    hint = "The download may have been cut off. Export and download it again."
    return Invalid(f"{name} is broken JSON{after}.", hint=hint)
