"""`Answers`: what rows were answered before, on disk by the content of what was asked, so that a batch goes on after a crash.

A file per batch of the same kind, a line per answer, written when it comes. In memory are only the places of the lines.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ...config.data_dir import data_dir_path
from ...errors import Invalid

_KEPT: Final = 30 * 24 * 3600.0
"""Seconds that a file is kept after it was last used."""


class Answers:
    """`kind` is what all rows of a batch have in common. `folder` None: nothing is kept."""

    def __init__(self, kind: Any, folder: Path | None) -> None:
        self._places: dict[bytes, int] = {}
        self._file = None
        if folder is None:
            return
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sweep(folder)
            path = folder / f"{_digest(kind).hex()}.jsonl"
            self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b")
            os.utime(path)
            self._read()
        except OSError as exc:
            self.close()
            hint = "Make that folder writable, or say cache=False."
            raise Invalid(f"Answers cannot be kept in {folder}: {exc.strerror or exc}.", hint=hint) from None

    def get(self, asked: Any) -> dict[str, Any] | None:
        """What was answered to `asked` before."""
        if not self._places or self._file is None:
            return None
        key = _digest(asked)
        if (place := self._places.get(key)) is None:
            return None
        with suppress(ValueError, KeyError, TypeError, OSError):  # another kernel may have written where this one meant to
            self._file.seek(place)
            told = json.loads(self._file.readline())
            if told["key"] == key.hex():
                return told["answer"]
        return None

    def put(self, asked: Any, answer: Mapping[str, Any]) -> None:
        """Keep an answer: it is in the file when this returns, whatever happens to the process.

        Where the disk takes no more, a warning says so, and nothing is kept from then on.
        """
        if self._file is None:
            return
        key = _digest(asked)
        line = json.dumps({"key": key.hex(), "answer": answer}, ensure_ascii=False).encode(errors="replace") + b"\n"
        try:
            self._file.seek(0, os.SEEK_END)
            self._places[key] = self._file.tell()
            self._file.write(line)
            self._file.flush()
        except OSError as exc:  # a full disk is no reason to lose the batch
            self.close()
            warnings.warn(f"llmhub.map: answers are not kept any more: {exc.strerror or exc}.", stacklevel=1)

    def close(self) -> None:
        """Let go of the file."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # what a full disk did not take
                file.close()

    def _read(self) -> None:
        """Where each answer stands. A line that a crash tore is none, and what follows begins on a line of its own."""
        assert self._file is not None
        place, line = 0, b"\n"
        for line in self._file:
            with suppress(ValueError, KeyError, TypeError):
                self._places[bytes.fromhex(json.loads(line)["key"])] = place
            place += len(line)
        if not line.endswith(b"\n"):
            self._file.seek(0, os.SEEK_END)
            self._file.write(b"\n")
            self._file.flush()


def answers_folder() -> Path:
    """Where they are kept: beside llmhub's data."""
    return data_dir_path(os.environ) / "map"


def _digest(value: Any) -> bytes:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")).digest()[:16]


def _sweep(folder: Path) -> None:
    for file in folder.glob("*.jsonl"):
        with suppress(OSError):
            if time.time() - file.stat().st_mtime > _KEPT:
                file.unlink()
