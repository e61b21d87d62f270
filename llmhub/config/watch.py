"""Whether the settings file is another one than a moment ago: a handful of `stat` calls, cheap enough for every request."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from .file import FILE_NAME
from .load import jupyters_folders

_Stamp = tuple[tuple[int, int, int, int] | None, ...]


class Watch:
    """Looks at every place where the file can stand: one that comes to stand before the others counts from then on."""

    def __init__(self, env: Mapping[str, str], search: Sequence[Path | str] | None = None) -> None:
        named = env.get("LLMHUB_CONFIG", "").strip()
        folders = jupyters_folders() if search is None else search
        self._paths = [str(Path(named).expanduser().absolute())] if named else [os.path.join(each, FILE_NAME) for each in folders]
        self._seen = self._stamp()

    def has_changed(self) -> bool:
        """Since the last `take`."""
        return self._stamp() != self._seen

    def take(self) -> bool:
        """Count what is there now as seen; whether it had changed."""
        before, self._seen = self._seen, self._stamp()
        return before != self._seen

    def _stamp(self) -> _Stamp:
        return tuple(_of(path) for path in self._paths)


def _of(path: str) -> tuple[int, int, int, int] | None:
    """What changes when the file is written, replaced, or its link (a mounted ConfigMap's) is turned elsewhere."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size
