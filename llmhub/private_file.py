"""A small file that only its owner may read, replaced as a whole: a reader sees the old or the new one, never a half."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

from .identity import LOCAL, Principal

try:
    import fcntl
except ImportError:  # Windows: one process at a time is all that is promised there
    fcntl = None


def principals_file(data_dir: Path, noun: str, principal: Principal) -> Path:
    """Where a principal's `noun` ("settings", "keys") is kept: `settings.json` for the local one, else `settings/<principal>.json`.

    Names of principals come from a hub and may hold anything; one that is no safe file name gets a digest, so that two never meet.
    """
    if principal == LOCAL:
        return data_dir / f"{noun}.json"
    name = principal.id
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name):
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        name = f"{re.sub(r'[^a-z0-9_-]', '_', name.lower())[:40]}.{digest}"
    return data_dir / noun / f"{name}.json"


def write_private(path: Path, data: bytes) -> None:
    """Replace the file's content; after a crash there is the old or the new one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp makes the file 0600 from its first moment on
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def set_aside(path: Path) -> Path:
    """Move a file that cannot be used out of the way, and say where it is now."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    aside = path.with_name(f"{path.name}.broken-{stamp}")
    os.replace(path, aside)
    return aside


@contextlib.contextmanager
def only_one(path: Path) -> Generator[None]:
    """Hold this while reading, changing and writing `path`: other processes on the same data wait.

    A file system that has no locks (some network ones) goes on without: then the last writer wins.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path.with_name(f".{path.name}.lock"), "a") as lock:
        if fcntl is not None:
            with contextlib.suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield
