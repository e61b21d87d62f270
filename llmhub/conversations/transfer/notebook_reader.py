"""Reads notebooks: those that llmhub wrote, with their branches and what was changed in them since, and all others as a question.

A notebook that somebody changed comes back as a branch: the messages from the first change on, as they are now, and a message that
says what is different, so that the person sees it and a model can be asked about it.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, BinaryIO, Final, cast

from pydantic import ValidationError

from ...errors import Invalid
from ...messages import Message, OutputPart, Part, TextPart, ToolCallPart, ToolResultPart
from . import outputs
from .blocks import blocks, fence, language_of
from .bundle import Bundle, FileRef, Origin, Skipped
from .cells import Cell, outputs_of, sheet
from .document import About
from .export import Options
from .notebook import FORMAT, VERSION
from .ours import bundle_of, held, messages_of, summaries_of, words_of
from .source import Source
from .told import author, branches

_SHOWN: Final = 4000
"""Characters of a cell that the message about the changes quotes."""


class Notebook:
    """`Reader` of Jupyter notebooks."""

    product = "notebook"
    label = "Jupyter notebooks"

    def recognises(self, source: Source) -> bool:
        """By its cells: where a file ends with what it is, a look at its beginning does not tell more."""
        return {"cells", "cells.item.cell_type"} <= source.shape

    def read(self, source: Source) -> Iterator[Bundle | Skipped]:
        """One conversation."""
        book = next(source.items(""), None)
        if not isinstance(book, dict) or not isinstance(cast("dict[str, Any]", book).get("cells"), list):
            yield Skipped(source.name, "It is no notebook of nbformat 4.")
            return
        yield read_notebook(cast("dict[str, Any]", book), source.name)


def read_notebook(book: Mapping[str, Any], name: str) -> Bundle | Skipped:
    """The conversation in a notebook; `name` is what its file is called."""
    cells = [_Found.of(cast("dict[str, Any]", each)) for each in book["cells"] if isinstance(each, dict)]
    metadata = _record(book.get("metadata"))
    about = _record(metadata.get("llmhub"))
    if about.get("format") != FORMAT:
        return _foreign(cells, metadata, name)
    if about.get("version") != VERSION:
        return Skipped(name, f"It was written by a newer llmhub (version {about.get('version')} of the format). Upgrade this one.")
    try:
        bundle, options = _original(about, cells)
        return _Comparison(bundle, options, cells).bundle()
    except ValidationError as exc:
        return Skipped(name, words_of(exc))
    except Invalid as exc:
        return Skipped(name, exc.message)


@dataclass(frozen=True, slots=True)
class _Found:
    """A cell as it came."""

    id: str
    kind: str
    source: str
    outputs: tuple[Mapping[str, Any], ...]
    attachments: Mapping[str, Any]
    about: Mapping[str, Any]

    @classmethod
    def of(cls, cell: Mapping[str, Any]) -> _Found:
        source = cell.get("source", "")
        lines = cast("list[Any]", source) if isinstance(source, list) else [source]
        text = "".join(each for each in lines if isinstance(each, str))
        about = _record(_record(cell.get("metadata")).get("llmhub"))
        said = cell.get("outputs")
        made = tuple(_record(each) for each in cast("list[Any]", said)) if isinstance(said, list) else ()
        id = str(cell.get("id") or about.get("cell") or "")  # before nbformat 4.5 cells had no ids
        return cls(id, str(cell.get("cell_type")), text.replace("\r\n", "\n"), made, _record(cell.get("attachments")), about)


# ---- what was written


def _original(about: Mapping[str, Any], cells: Sequence[_Found]) -> tuple[Bundle, Options]:
    """The conversation as it was exported, and how."""
    told = _record(about.get("document"))
    known = About.model_validate(told.get("conversation"))
    messages = tuple(messages_of(_list(told.get("messages")), known.id))
    summaries = tuple(summaries_of(_list(told.get("summaries")), known.id))
    files: list[FileRef] = []
    lost: list[str] = []
    by_id = {cell.id: cell for cell in cells}
    for item in map(_record, _list(about.get("files"))):
        data = item.get("data")
        if isinstance(shown := by_id.get(str(item.get("cell"))), _Found):
            bundle = _record(shown.attachments.get(str(item.get("attachment"))))
            data = next(iter(bundle.values()), None)
        id, name, size = str(item.get("id")), str(item.get("name") or "file"), item.get("size")
        if isinstance(data, str):
            kind = str(item.get("media_type") or "application/octet-stream")
            opener = partial(_decoded, data, name)
            files.append(FileRef(id=id, name=name, media_type=kind, size=size if isinstance(size, int) else None, open=opener))
        else:
            lost.append(f"The file {name!r} is not in the notebook.")
    chosen = {name: value for name, value in _record(about.get("options")).items() if name in _CHOICES and value in _CHOICES[name]}
    leaf = about.get("leaf")
    ids = {message.id for message in messages}
    options = Options(format="ipynb", leaf=leaf if isinstance(leaf, str) and leaf in ids else None, **cast("Any", chosen))
    head = known.head if known.head in ids else None
    return replace(bundle_of(known, messages, summaries, files, lost), head=head), options


_CHOICES: Final[dict[str, tuple[Any, ...]]] = {
    "branches": ("path", "all"),
    "only": (None, "code"),
    "prompts": ("shown", "hidden"),
    "answers": ("cells", "magics"),
}


# ---- what was changed


@dataclass(slots=True)
class _Change:
    what: str
    cell: Cell | None
    now: _Found | None


class _Comparison:
    """A notebook beside what it was when it was written."""

    def __init__(self, bundle: Bundle, options: Options, cells: Sequence[_Found]) -> None:
        self._bundle = bundle
        self._path = branches(bundle, options)[0].messages
        made = sheet(bundle, options)
        self._cells = made.cells
        self._language = made.kernel.language.lower()
        self._found = cells
        self._changes: dict[str, _Change] = {}
        self._added: dict[str | None, list[_Found]] = {}
        self._said: list[_Change] = []
        self._compare()

    def bundle(self) -> Bundle:
        """The conversation, with a branch of what is different, if something is."""
        if not self._said or not self._path:
            return self._bundle
        start = next((index for index, each in enumerate(self._path) if self._is_touched(each)), len(self._path))
        parent = self._path[start - 1].id if start else None
        key = self._key()
        at = max(self._bundle.updated_at, *(message.created_at for message in self._bundle.messages))
        new: list[Message] = []
        for number, message in enumerate(self._path[start:]):
            touched = self._is_touched(message)
            parts = tuple(self._parts(message)) if touched else message.parts
            fresh = message.model_copy(
                update={
                    "id": f"nb-{key}-{number}",
                    "parent_id": new[-1].id if new else parent,
                    "parts": parts or (TextPart(text=""),),
                    "created_at": at + timedelta(milliseconds=number + 1),
                    "usage": None,
                    "pinned": False,
                    **({"status": "complete", "error": None} if touched else {}),
                }
            )
            new.append(fresh)
        told = Message(
            id=f"nb-{key}-said",
            conversation_id=self._bundle.origin.id,
            parent_id=new[-1].id if new else parent,
            role="user",
            status="complete",
            parts=(TextPart(text=self._words()),),
            created_at=at + timedelta(milliseconds=len(new) + 1),
        )
        return replace(self._bundle, messages=(*self._bundle.messages, *new, told), head=told.id)

    def _key(self) -> str:
        """The same for the same changes: who imports them twice has them once."""
        said = [(each.what, each.cell and each.cell.id, each.now and (each.now.source, each.now.outputs)) for each in self._said]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:24]

    def _compare(self) -> None:
        before = {cell.id: cell for cell in self._cells}
        keys = [each.id if each.id in before else f"new {number}" for number, each in enumerate(self._found)]
        matcher = difflib.SequenceMatcher(None, [cell.id for cell in self._cells], keys, autojunk=False)
        for tag, low, high, first, last in matcher.get_opcodes():
            if tag == "equal":
                for cell, now in zip(self._cells[low:high], self._found[first:last], strict=True):
                    self._look(cell, now)
                continue
            for cell in self._cells[low:high]:
                self._note(_Change("removed", cell, None))
            anchor = self._cells[high - 1].id if high else None
            for now in self._found[first:last]:
                if now.source.strip() or now.outputs:
                    self._added.setdefault(anchor, []).append(now)
                    self._said.append(_Change("added", before.get(anchor or ""), now))

    def _look(self, cell: Cell, now: _Found) -> None:
        if _plain(now.source) != _plain(cell.source) or now.kind != cell.kind:
            self._note(_Change("changed", cell, now))
        elif now.outputs and not outputs.same(now.outputs, outputs_of(cell)):
            self._note(_Change("run", cell, now))

    def _note(self, change: _Change) -> None:
        assert change.cell is not None
        self._changes[change.cell.id] = change
        self._said.append(change)

    def _is_touched(self, message: Message) -> bool:
        return any(
            cell.id in self._changes or cell.id in self._added
            for cell in self._cells
            if cell.place is not None and cell.place.message == message.id
        ) or (message is self._path[0] and None in self._added)

    # ---- a message as it is now

    def _parts(self, message: Message) -> Iterator[Part]:
        mine = [cell for cell in self._cells if cell.place is not None and cell.place.message == message.id]
        if message is self._path[0]:
            yield from self._these(self._added.get(None, ()))
        for cell in mine:
            if cell.place and cell.place.part is None:
                yield from self._these(self._added.get(cell.id, ()))
        dropped: set[str] = set()
        gone = [output for cell in mine if cell.id in self._changes for output in cell.outputs]
        for number, part in enumerate(message.parts):
            shown = [cell for cell in mine if cell.place and cell.place.part == number]
            if isinstance(part, ToolResultPart) and part.call_id in dropped:
                continue
            if isinstance(part, OutputPart) and any(part is each for each in gone):
                continue  # it stands behind its code as that is now
            if not any(cell.id in self._changes or cell.id in self._added for cell in shown):
                yield part
                continue
            if isinstance(part, ToolCallPart):
                dropped.add(part.call_id)
            if isinstance(part, TextPart):
                yield from self._text(part, shown, quoted=message.role == "user")
            else:
                yield from self._others(part, shown)

    def _text(self, part: TextPart, shown: Sequence[Cell], *, quoted: bool) -> Iterator[Part]:
        said = blocks(part.text) if not quoted else []
        at = 0
        for cell in shown:
            assert cell.place is not None
            first, last = cell.place.block or 0, cell.place.last if cell.place.last is not None else cell.place.block or 0
            if not quoted and first > at:
                yield TextPart(text="".join(block.raw for block in said[at:first]))
            at = last + 1
            change = self._changes.get(cell.id)
            if change is None:
                yield TextPart(text=part.text if quoted else "".join(block.raw for block in said[first : last + 1]))
            elif change.now is not None:
                yield from self._now(cell, change.now)
            yield from self._these(self._added.get(cell.id, ()))
        if not quoted and at < len(said):
            yield TextPart(text="".join(block.raw for block in said[at:]))

    def _others(self, part: Part, shown: Sequence[Cell]) -> Iterator[Part]:
        for cell in shown:
            change = self._changes.get(cell.id)
            if change is None:
                yield part
            elif change.now is not None:
                yield from self._now(cell, change.now)
            yield from self._these(self._added.get(cell.id, ()))

    def _now(self, cell: Cell, now: _Found) -> Iterator[Part]:
        text = now.source.removeprefix(cell.lead)
        if cell.quoted:
            text = "\n".join(line.removeprefix(">").removeprefix(" ") for line in text.splitlines())
        if now.kind == "code":
            if text.strip():
                yield TextPart(text=f"\n\n{fence(text, cell.language or self._language)}\n\n")
            yield from filter(None, map(outputs.from_notebook, now.outputs))
        elif text.strip():
            yield TextPart(text=f"{text.strip()}\n\n")

    def _these(self, added: Sequence[_Found]) -> Iterator[Part]:
        for now in added:
            yield from _as_parts(now, self._language)

    # ---- what is said of it

    def _words(self) -> str:
        count = {what: sum(change.what == what for change in self._said) for what in ("changed", "added", "removed", "run")}
        said = {"run": "run again"}
        summary = ", ".join(f"{number} {said.get(what, what)}" for what, number in count.items() if number)
        lines = [f"The notebook of this conversation was changed. Cells: {summary}."]
        for change in self._said:
            lines.append(self._line(change))
        return "\n\n".join(lines)

    def _line(self, change: _Change) -> str:
        where = self._where(change.cell)
        match change.what:
            case "removed":
                assert change.cell is not None
                return f"**Removed** {where}:\n\n{fence(_cut(change.cell.source), 'text')}"
            case "added":
                assert change.now is not None
                shown = self._language if change.now.kind == "code" else "markdown"
                return f"**Added** behind {where}:\n\n{fence(_cut(change.now.source), shown)}"
            case "run":
                return f"**Run again** {where}: its output is another."
            case _:
                assert change.cell is not None and change.now is not None
                before, now = change.cell.source.splitlines(), change.now.source.splitlines()
                diff = "\n".join(list(difflib.unified_diff(before, now, lineterm="", n=2))[2:])
                return f"**Changed** {where}:\n\n{fence(_cut(diff), 'diff')}"

    def _where(self, cell: Cell | None) -> str:
        if cell is None:
            return "the beginning"
        number = next(index for index, each in enumerate(self._cells, start=1) if each.id == cell.id)
        who = next((author(each) for each in self._path if cell.place and each.id == cell.place.message), "")
        return f"cell {number}" + (f" ({who})" if who else "")


def _plain(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}\n... ({len(text) - _SHOWN:,} characters more)"


# ---- other notebooks


def _foreign(cells: Sequence[_Found], metadata: Mapping[str, Any], name: str) -> Bundle | Skipped:
    """A notebook that no llmhub wrote, or whose metadata somebody took away: who said what is in its cells, else a person did."""
    language = language_of(str(_record(metadata.get("language_info")).get("name") or "python"))
    turns: list[tuple[str, str | None, list[Part]]] = []
    for cell in cells:
        parts = list(_as_parts(cell, language))
        if not parts or (cell.about and "message" not in cell.about):  # the latter is a heading of ours
            continue
        role = str(cell.about.get("role") or (turns[-1][0] if turns else "user"))
        key = str(cell.about["message"]) if "message" in cell.about else (turns[-1][1] if turns else None)
        if turns and turns[-1][1] == key:
            turns[-1][2].extend(parts)
        else:
            turns.append(("assistant" if role == "assistant" else "user", key, parts))
    if not turns:
        return Skipped(name, "There is nothing in this notebook.")
    digest = hashlib.sha256(repr([(cell.kind, cell.source) for cell in cells]).encode()).hexdigest()
    begun = datetime.now(UTC)
    messages = tuple(
        Message(
            id=f"{digest[:24]}-{number}",
            conversation_id="",
            parent_id=f"{digest[:24]}-{number - 1}" if number else None,
            role="assistant" if role == "assistant" else "user",
            status="complete",
            parts=tuple(parts),
            created_at=begun + timedelta(milliseconds=number),
        )
        for number, (role, _, parts) in enumerate(turns)
    )
    title = metadata.get("title")
    shown = title if isinstance(title, str) and title.strip() else name.rpartition("/")[2].removesuffix(".ipynb")
    return Bundle(
        origin=Origin("notebook", digest),
        title=shown[:500],
        created_at=begun,
        updated_at=begun,
        messages=messages,
        head=messages[-1].id,
    )


def _as_parts(cell: _Found, language: str) -> Iterator[Part]:
    """A cell as parts of a message: prose as it is, code in a fence, its outputs behind it."""
    source = cell.source.strip("\n")
    if cell.kind == "code":
        first, _, rest = source.partition("\n")
        if first.startswith("%%llm"):
            source, code = rest, False
        else:
            code = True
        if source.strip():
            yield TextPart(text=f"\n\n{fence(source, language)}\n\n" if code else f"{source}\n\n")
        yield from filter(None, map(outputs.from_notebook, cell.outputs))
    elif source.strip():
        yield TextPart(text=f"{source}\n\n")


# ---- steps


def _record(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _decoded(data: str, name: str) -> BinaryIO:
    try:
        return held(base64.b64decode("".join(data.split()), validate=True))
    except binascii.Error:
        raise Invalid(f"The file {name!r} is damaged in the notebook.", hint="Export it again.") from None
