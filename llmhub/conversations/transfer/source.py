"""What somebody gave to import: one file, or the files in a zip, opened when they are wanted and never unpacked to disk.

It is a stranger's: how many files there are, how large they become and how they are called is checked before anything is read,
and counted again while it is read, because a zip can lie about both.
"""

from __future__ import annotations

import io
import mimetypes
import shutil
import stat
import tempfile
import zipfile
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, Self, cast

from ...errors import Invalid, LLMHubError, TooLarge
from . import json_stream
from .bundle import FileRef

_GIB: Final = 2**30
_PIECE: Final = 2**16
HEAD: Final = 4096
"""Bytes at the start of a file by which its kind is told."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an archive may be. Sizes are in bytes."""

    members: int = 200_000
    unpacked: int = 32 * _GIB
    one: int = 8 * _GIB
    """A file in it, unpacked."""
    ratio: int = 200
    """How many times its packed size a file may have: text shrinks to a tenth, a bomb to a thousandth."""
    small: int = 16 * 2**20
    """Up to here the ratio does not count: a few megabytes of blanks hurt nobody."""


class Archive:
    """A file as it was given; `sources()` are what may hold conversations. Close it."""

    def __init__(self, path: Path, name: str, *, bounds: Bounds | None = None) -> None:
        """`name` is what the person calls it. Raises `Invalid` and `TooLarge` for what will not be opened."""
        self.name = name
        self.bounds = bounds or Bounds()
        self._path = path
        self._zip: zipfile.ZipFile | None = None
        self._members: Mapping[str, zipfile.ZipInfo] = {}
        self.repeated: tuple[str, ...] = ()
        """Paths that are in it more than once; the last file of such a name is read, as everything that unpacks does."""
        if zipfile.is_zipfile(path):
            self._open_zip()

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._path.parent

    @property
    def is_zip(self) -> bool:
        """Whether it is an archive and not a single file."""
        return self._zip is not None

    @property
    def names(self) -> tuple[str, ...]:
        """The files in it, by their paths with slashes; of a single file its own name."""
        return tuple(self._members) if self.is_zip else (self.name,)

    @cached_property
    def _by_last_name(self) -> dict[str, str]:
        return {PurePosixPath(name).name: name for name in reversed(self.names)}

    @cached_property
    def _last_names(self) -> list[str]:
        return sorted(self._by_last_name)

    @cached_property
    def total(self) -> int:
        """Bytes, unpacked."""
        return sum(info.file_size for info in self._members.values()) if self.is_zip else self._path.stat().st_size

    def sources(self) -> Iterator[Source]:
        """Each file in it, shallow ones first, so that a conversation comes before what lies in folders beside it."""
        for name in sorted(self.names, key=lambda name: (name.count("/"), name)):
            yield Source(self, name)

    def find(self, name: str) -> str | None:
        """The path of a file in it by its path, or by its last name alone."""
        return name if name in self._members else self._by_last_name.get(name) if self.is_zip else None

    def starting(self, prefix: str) -> str | None:
        """The first path whose last name begins so: products put an id in front of the name that a file had."""
        place = bisect_left(self._last_names, prefix)
        last = self._last_names[place] if place < len(self._last_names) else ""
        return self._by_last_name[last] if self.is_zip and prefix and last.startswith(prefix) else None

    def size(self, name: str) -> int:
        """Bytes of one of the files, unpacked, as the archive says."""
        return self._members[name].file_size if self.is_zip else self._path.stat().st_size

    def file(self, name: str, *, id: str | None = None, called: str | None = None, media_type: str | None = None) -> FileRef:
        """One of the files as something that a message names."""
        shown = called or PurePosixPath(name).name
        kind = media_type or mimetypes.guess_type(shown)[0] or self._sniffed(name)
        return FileRef(id=id or name, name=shown, media_type=kind, size=self.size(name), open=lambda: self.open(name))

    def open(self, name: str) -> BinaryIO:
        """Read one of the files. What is damaged, or larger than the archive says, is one of our errors when it is reached."""
        if self._zip is None:
            return self._path.open("rb")
        info = self._members[name]
        with _in_words(name):
            return cast(BinaryIO, io.BufferedReader(_Member(self._zip.open(info), info, name), _PIECE))

    def on_disk(self) -> Path | None:
        """The file itself, where it is one and not in an archive: some formats cannot be read as a stream."""
        return None if self.is_zip else self._path

    def close(self) -> None:
        """Let go of the file."""
        if self._zip is not None:
            self._zip.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _sniffed(self, name: str) -> str:
        with suppress(LLMHubError), self.open(name) as file:
            return media_type_of(file.read(16))
        return "application/octet-stream"

    # ---- what will not be opened

    def _open_zip(self) -> None:
        with _in_words(self.name):
            self._zip = zipfile.ZipFile(self._path)
        infos = self._zip.infolist()
        try:
            if len(infos) > self.bounds.members:
                raise self._refused(f"has {len(infos):,} files in it; at most {self.bounds.members:,} are read")
            members = {info.filename: info for info in infos if not info.is_dir() and self._is_wanted(info)}
            total = sum(info.file_size for info in members.values())
            if total > self.bounds.unpacked:
                raise self._refused(
                    f"would be {total / _GIB:,.0f} GiB unpacked; at most {self.bounds.unpacked / _GIB:,.0f} GiB are read"
                )
        except BaseException:
            self._zip.close()
            raise
        self._members = members
        counts = Counter(info.filename for info in infos)
        self.repeated = tuple(name for name, count in counts.items() if count > 1 and name in members)

    def _is_wanted(self, info: zipfile.ZipInfo) -> bool:
        """False for what systems put into every archive; raises `Invalid` and `TooLarge` for what should be in none."""
        name = info.filename
        if name.startswith("__MACOSX/") or PurePosixPath(name).name in (".DS_Store", "Thumbs.db", "desktop.ini"):
            return False
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or "\0" in name or (path.parts[:1] and path.parts[0].endswith(":")):
            raise self._refused(f"holds a file that points out of it: {name[:200]!r}")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise self._refused(f"holds a link instead of a file: {name[:200]!r}")
        if info.flag_bits & 0x1:
            raise self._refused("is locked with a password", hint="Unpack it, pack it again without one, and import that.")
        if info.file_size > self.bounds.one:
            raise self._refused(f"holds a file of {info.file_size / _GIB:,.0f} GiB: {name[:200]!r}")
        if info.file_size > self.bounds.small and info.file_size > self.bounds.ratio * max(1, info.compress_size):
            times = info.file_size // max(1, info.compress_size)
            raise self._refused(f"holds a file that becomes {times:,} times as large unpacked: {name[:200]!r}")
        return True

    def _refused(self, why: str, *, hint: str = "") -> LLMHubError:
        return Invalid(f"{self.name} {why}, and was not read.", hint=hint or "Import the export as the product gave it to you.")


class Source:
    """One file that may hold conversations. `archive` has what lies beside it."""

    def __init__(self, archive: Archive, name: str) -> None:
        self.archive = archive
        self.name = name
        self.passed: Callable[[int], None] | None = None
        """Hears how many bytes of it have been read, each time some are."""

    @property
    def size(self) -> int:
        """Bytes, unpacked."""
        return self.archive.size(self.name)

    def open(self) -> BinaryIO:
        """To read from; close it."""
        file = self.archive.open(self.name)
        return file if self.passed is None else cast(BinaryIO, io.BufferedReader(_Counted(file, self.passed), _PIECE))

    @cached_property
    def head(self) -> bytes:
        """The first bytes."""
        with self.open() as file:
            return file.read(HEAD)

    @cached_property
    def shape(self) -> frozenset[str]:
        """The paths of the keys in its first entries, such as `item.mapping` or `history.item.messages`; empty: this is no JSON.

        `item` stands for any place in an array. Raises `Invalid` where JSON is nested absurdly.
        """
        if self.head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] not in (b"{", b"["):
            return frozenset()
        with self.open() as file:
            return json_stream.shape(file, self.name)

    def items(self, prefix: str) -> Iterator[Any]:
        """The values at a place of its JSON (`item`: of the outermost array; empty: the whole), one by one, as plain Python.

        Raises `Invalid` where it is broken, behind what could be read.
        """
        return json_stream.items(self.open, prefix, self.name)

    def lines(self) -> Iterator[Any]:
        """The values of a file with one on each line; None for a line that is broken."""
        return json_stream.lines(self.open, self.name)

    @contextmanager
    def on_disk(self) -> Generator[Path]:
        """The file by itself on the disk, for what cannot be read as a stream; out of an archive it is unpacked for this long."""
        path = self.archive.on_disk()
        if path is not None:
            yield path
            return
        with tempfile.NamedTemporaryFile(prefix="llmhub-import-", dir=self.archive.folder) as whole:
            with self.open() as file:
                shutil.copyfileobj(file, whole)
            whole.flush()
            yield Path(whole.name)


class _Counted(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, file: BinaryIO, passed: Callable[[int], None]) -> None:
        self._file = file
        self._passed = passed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._passed(len(data))
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Member(io.RawIOBase):
    """A file in a zip whose size is counted, and whose damage is told in our words."""

    def __init__(self, file: Any, info: zipfile.ZipInfo, name: str) -> None:
        self._file = file
        self._left = info.file_size
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        with _in_words(self._name):
            data = self._file.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge(f"{self._name} is larger than its archive says, and was not read on.", hint="Download the export again.")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


class _in_words:
    """What zipfile and zlib raise, as ours."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        damaged = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError, OSError, KeyError)
        if isinstance(error, damaged) and not isinstance(error, LLMHubError):
            raise Invalid(f"{self._name} cannot be unpacked: it is damaged.", hint="Download the export again.") from error


_MAGIC: Final = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)


def media_type_of(head: bytes) -> str:
    """What a file is by its first bytes, for those that people attach; else the type for anything."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), "application/octet-stream")
