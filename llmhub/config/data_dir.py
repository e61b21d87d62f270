"""The directory of a user's conversations, files and keys: found, made private, and tried before anything relies on it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..errors import ConfigError


def open_data_dir(env: Mapping[str, str]) -> Path:
    """`LLMHUB_DATA_DIR`, else `llmhub` in Jupyter's data directory; made for this user alone if it is not there."""
    path = data_dir_path(env)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as exc:
        raise _fault(path, "is not a directory, or something above it is a file") from exc
    except OSError as exc:
        raise _fault(path, f"cannot be made: {exc.strerror or type(exc).__name__}") from exc
    if not os.access(path, os.R_OK | os.X_OK):
        raise _fault(path, "cannot be read")
    try:
        # Only writing tells the truth: permissions say nothing of a full quota, and root passes all of them.
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as exc:
        raise _fault(path, f"cannot be written: {exc.strerror or type(exc).__name__}") from exc
    return path


def data_dir_path(env: Mapping[str, str]) -> Path:
    """Where the data directory is, or would be made."""
    named = env.get("LLMHUB_DATA_DIR", "").strip()
    return (Path(named).expanduser() if named else _in_jupyters()).absolute()


def _in_jupyters() -> Path:
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "llmhub"


def _fault(path: Path, what: str) -> ConfigError:
    return ConfigError(
        f"The data directory {path} {what}.",
        hint="Check who owns it and whether the disk is full or read-only, or name another one in LLMHUB_DATA_DIR.",
        details={"key": "LLMHUB_DATA_DIR", "source": str(path)},
    )
