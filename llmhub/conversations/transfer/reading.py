"""What is in an archive: which files are of which format, and all conversations in them, one by one.

Formats are told by what is in a file, never by its name. What is no conversation (a profile, an attachment) is passed over; what
looks like one and cannot be read is listed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from ...errors import Invalid, LLMHubError
from . import fields
from .bundle import Bundle, Reader, Skipped
from .source import Archive, Source

_log = logging.getLogger("llmhub")
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
Entry = Bundle | Skipped


def readers() -> tuple[Reader, ...]:
    """All formats, the more particular before the more general."""
    from .chatbot_ui import ChatbotUI
    from .chatgpt import ChatGPT
    from .claude import Claude
    from .jupyter_ai import JupyterAI
    from .librechat import LibreChat
    from .llm_logs import LLMLogs
    from .notebook_intelligence import NotebookIntelligence
    from .notebook_reader import Notebook
    from .open_webui import OpenWebUI
    from .ours import LLMHub

    return (
        LLMHub(),
        Notebook(),
        ChatGPT(),
        Claude(),
        LibreChat(),
        OpenWebUI(),
        JupyterAI(),
        NotebookIntelligence(),
        LLMLogs(),
        ChatbotUI(),
    )


class Contents:
    """What is in an archive. `found` are its files with conversations, `skipped` those that should have been some."""

    def __init__(self, archive: Archive, formats: Sequence[Reader] | None = None) -> None:
        """Looks at the beginning of every file. Blocks. Raises `Invalid` where there is no conversation at all."""
        self.archive = archive
        self.found: list[tuple[Reader, Source]] = []
        again = "It is in the archive more than once. Only the last one was read."
        self.skipped = [Skipped(name, again) for name in archive.repeated]
        formats = readers() if formats is None else formats
        for source in archive.sources():
            try:
                self._look(source, formats)
            except LLMHubError as exc:
                self.skipped.append(Skipped(source.name, _words(exc, source.name)))
        if not self.found:
            raise self._nothing(formats)

    @property
    def products(self) -> tuple[str, ...]:
        """The products that it comes from, as people write them."""
        return tuple(dict.fromkeys(reader.label for reader, _ in self.found))

    @property
    def size(self) -> int:
        """Bytes of the files with conversations."""
        return sum(source.size for _, source in self.found)

    def entries(self, passed: Callable[[int], None] | None = None) -> Iterator[Entry]:
        """Every conversation and everything that is skipped. `passed` hears how many bytes have been read."""
        yield from self.skipped
        for reader, source in self.found:
            source.passed = passed
            try:
                yield from reader.read(source)
            except LLMHubError as exc:
                yield Skipped(source.name, _words(exc, source.name))
            except Exception as exc:  # a fault of ours; what else is in the archive still comes in
                yield unexpected(source.name, exc)

    def _look(self, source: Source, formats: Sequence[Reader]) -> None:
        if not source.size:
            return
        reader = next((reader for reader in formats if reader.recognises(source)), None)
        if reader is not None:
            self.found.append((reader, source))
        elif self.archive.is_zip and source.head.startswith(_ZIP) and source.name.lower().endswith(".zip"):
            self.skipped.append(Skipped(source.name, "It is an archive within the archive. Import it by itself."))
        elif "?" in source.shape:
            self.skipped.append(Skipped(source.name, "It is broken JSON: the download may have been cut off."))

    def _nothing(self, formats: Sequence[Reader]) -> Invalid:
        known = ", ".join(dict.fromkeys(reader.label for reader in formats))
        why = "".join(f" {one.name}: {one.reason}" for one in self.skipped[:3])
        return Invalid(
            f"There are no conversations in {self.archive.name} that llmhub can read.{why}",
            hint=f"It reads exports of {known}.",
            details={"skipped": [{"name": one.name, "reason": one.reason} for one in self.skipped[:50]]},
        )


def each(items: Iterator[Any], place: str, convert: Callable[[Mapping[str, Any], str], Iterator[Entry] | Entry]) -> Iterator[Entry]:
    """Each item as `convert` has it; one that it cannot read is skipped and the others are not. `place` names the file."""
    for number, item in enumerate(items, start=1):
        where = f"{place}, no. {number}"
        record = fields.record(item)
        if not record:
            yield Skipped(where, "There is no conversation here, but something else.")
            continue
        try:
            found = convert(record, where)
            if isinstance(found, Bundle | Skipped):
                yield found
            else:
                yield from found
        except LLMHubError as exc:
            yield Skipped(fields.name(record.get("title")) or where, _words(exc, where))
        except Exception as exc:
            yield unexpected(fields.name(record.get("title")) or where, exc)


def unexpected(name: str, exc: Exception) -> Skipped:
    """Something that no reader should meet. What was said in it stands in no log."""
    frame = exc.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    at = f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}" if frame is not None else "?"
    _log.error("llmhub: an entry of an import failed unexpectedly: %s at %s", type(exc).__name__, at)
    return Skipped(
        name, f"llmhub could not read it ({type(exc).__name__}). Please report it, with the export's version if you can."
    )


def _words(exc: LLMHubError, name: str) -> str:
    """Why, to stand behind the name."""
    message = f"It {exc.message.removeprefix(f'{name} ')}" if exc.message.startswith(f"{name} ") else exc.message
    return f"{message} {exc.hint}".strip()
