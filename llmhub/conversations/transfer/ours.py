"""Reads what `document` writes: our own JSON, by itself or in an archive of everything."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Final, TypeVar, cast

from pydantic import BaseModel, ValidationError

from ...errors import Invalid
from ...messages import Message
from ..values import Summary
from .bundle import Bundle, FileRef, Origin, Skipped
from .document import FORMAT, VERSION, About
from .source import Source
from .writer import OURS

Values = TypeVar("Values", bound=BaseModel)
_HELD: Final = 8 * 2**20
"""Bytes of base64 that are kept from the first reading; what is larger is read again when it is wanted."""


class LLMHub:
    """`Reader` of conversations that an llmhub exported as JSON."""

    product = OURS
    label = "llmhub"

    def recognises(self, source: Source) -> bool:
        """By its first field."""
        return FORMAT.encode() in source.head[:200] and {"conversation", "messages", "version"} <= source.shape

    def read(self, source: Source) -> Iterator[Bundle | Skipped]:
        """One document has one conversation."""
        version = next(source.items("version"), None)
        if version != VERSION:
            yield Skipped(source.name, f"It was written by a newer llmhub (version {version} of the format). Upgrade this one.")
            return
        told = next(source.items("conversation"), None)
        try:
            about = About.model_validate(told, extra="ignore")
            messages = tuple(messages_of(source.items("messages.item"), about.id))
            summaries = tuple(summaries_of(source.items("summaries.item"), about.id))
        except ValidationError as exc:
            yield Skipped(_title(told) or source.name, words_of(exc))
            return
        except Invalid as exc:
            yield Skipped(_title(told) or source.name, exc.message)
            return
        files, lost = _files(source)
        yield bundle_of(about, messages, summaries, files, lost)


def bundle_of(
    about: About,
    messages: tuple[Message, ...],
    summaries: tuple[Summary, ...],
    files: Iterable[FileRef],
    lost: Iterable[str] = (),
) -> Bundle:
    """The pieces of a document as one value."""
    return Bundle(
        origin=Origin(OURS, about.id),
        title=about.title,
        model=about.model,
        params=about.params,
        created_at=about.created_at,
        updated_at=about.updated_at,
        folder=about.folder,
        folder_settings=about.folder_settings,
        tags=about.tags,
        pinned=about.pinned,
        archived=about.archived,
        head=about.head,
        messages=messages,
        files=tuple(files),
        summaries=summaries,
        notes=tuple(lost),
    )


def messages_of(items: Iterable[Any], conversation_id: str) -> Iterator[Message]:
    """Messages out of JSON, checked: each id once, each parent before its children. Raises `Invalid`, `ValidationError`."""
    seen: set[str] = set()
    for item in items:
        if not isinstance(item, dict):
            raise Invalid("One of its messages is none.")
        message = Message.model_validate({"parent_id": None, **item, "conversation_id": conversation_id}, extra="ignore")
        if message.id in seen:
            raise Invalid(f"Two of its messages have the id {message.id[:80]!r}.")
        if message.parent_id is not None and message.parent_id not in seen:
            raise Invalid(f"Message {message.id[:80]!r} answers one that does not stand before it.")
        seen.add(message.id)
        yield message


def summaries_of(items: Iterable[Any], conversation_id: str) -> Iterator[Summary]:
    """Summaries out of JSON. Raises `ValidationError`."""
    for item in items:
        yield Summary.model_validate({**item, "conversation_id": conversation_id}, extra="ignore")


def words_of(exc: ValidationError) -> str:
    """What does not fit, by its first place; nothing of what stands there is quoted."""
    first = exc.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(step)[:60] for step in first["loc"])
    return f"It is not as llmhub writes it: {place or 'the document'}: {first['msg'][:1].lower()}{first['msg'][1:200]}."


def held(data: bytes) -> BinaryIO:
    """Bytes as a file."""
    return io.BytesIO(data)


def _files(source: Source) -> tuple[list[FileRef], list[str]]:
    found: list[FileRef] = []
    lost: list[str] = []
    room = _HELD
    for item in source.items("files.item"):
        if not isinstance(item, dict) or not isinstance(cast("dict[str, Any]", item).get("id"), str):
            continue
        file = cast("dict[str, Any]", item)
        id, name = str(file["id"]), str(file.get("name") or "file")
        kind = str(file.get("media_type") or "application/octet-stream")
        data, path = file.get("data"), file.get("path")
        if file.get("fault") is None and isinstance(data, str):
            room -= len(data)
            opener = partial(_decoded, data, name) if room > 0 else partial(_read_again, source, id, name)
            found.append(FileRef(id=id, name=name, media_type=kind, size=len(data) * 3 // 4 - data[-2:].count("="), open=opener))
        elif isinstance(path, str) and (member := _beside(source, path)) is not None:
            found.append(source.archive.file(member, id=id, called=name, media_type=kind))
        else:
            lost.append(f"The file {name!r} is not in the export.")
    return found, lost


def _beside(source: Source, path: str) -> str | None:
    """A path from the document, or from the top of the archive."""
    names = set(source.archive.names) if source.archive.is_zip else set[str]()
    parts: list[str] = []
    for step in (*PurePosixPath(source.name).parent.parts, *PurePosixPath(path).parts):
        if step == "..":
            parts = parts[:-1]
        else:
            parts.append(step)
    return next((name for name in ("/".join(parts), path) if name in names), None)


def _decoded(data: str, name: str) -> BinaryIO:
    try:
        return held(base64.b64decode(data, validate=True))
    except binascii.Error:
        raise Invalid(f"The file {name!r} is damaged in the export.", hint="Export it again.") from None


def _read_again(source: Source, id: str, name: str) -> BinaryIO:
    for item in source.items("files.item"):
        if item["id"] == id:
            return _decoded(item["data"], name)
    raise Invalid(f"The file {name!r} is gone from the export.", hint="Import it again.")


def _title(told: Any) -> str:
    title = cast("Mapping[str, Any]", told).get("title") if isinstance(told, dict) else None
    return title[:200] if isinstance(title, str) else ""
