"""Exports to import: the fixture files, archives of them, and a `logs.db`; and reading them."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

from llmhub.conversations.transfer.bundle import Bundle, Skipped
from llmhub.conversations.transfer.reading import Contents
from llmhub.conversations.transfer.source import Archive, Bounds

FIXTURES = Path(__file__).with_name("fixtures")
PNG = b"\x89PNG\r\n\x1a\n"


def read(path: Path, bounds: Bounds | None = None) -> tuple[list[Bundle], list[Skipped]]:
    """Everything in a file."""
    with Archive(path, path.name, bounds=bounds) as archive:
        entries = list(Contents(archive).entries())
        for bundle in entries:
            if isinstance(bundle, Bundle):
                for ref in bundle.files:
                    with ref.open() as file:
                        file.read()
    bundles = [entry for entry in entries if isinstance(entry, Bundle)]
    return bundles, [entry for entry in entries if isinstance(entry, Skipped)]


def fixture(name: str) -> dict[str, Bundle]:
    """A fixture's conversations by their titles."""
    return {bundle.title or "": bundle for bundle in read(FIXTURES / name)[0]}


def packed(path: Path, **files: bytes) -> Path:
    """A zip with these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def logs(path: Path) -> Path:
    """A database of llm's: an old conversation, and a thread of the newer tables with a fork."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(Path(__file__).with_name("logs.sql").read_text())
        db.execute("INSERT INTO attachments VALUES ('at', 'image/png', NULL, NULL, ?)", [PNG])
        db.commit()
    return path
