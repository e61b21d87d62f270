"""Conversations from elsewhere: what would come in, and bringing it in while its person goes on with other things.

A batch of conversations is a transaction: each is there as a whole or not at all. Whatever ends it (a stop, a full disk, a crash),
what has come in stays, and the next time nothing comes in twice.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ..conversations.files import FileStore
from ..conversations.store import ConversationStore
from ..conversations.transfer.bundle import Bundle, Skipped
from ..conversations.transfer.reading import Entry, unexpected
from ..conversations.transfer.writer import Outcome, named_files
from ..conversations.values import JobRecord, Kept
from ..errors import Invalid, LLMHubError, NotFound, StoreError, TooLarge
from ..identity import Principal
from ..ids import is_id, new_id
from ..messages import FilePart, ImagePart, Message, Part, TextPart, ToolResultPart, Value
from .incoming import Incoming
from .jobs import Job, Jobs
from .notices import Notices

KEPT: Final = 6 * 3600
"""Seconds for which a file that was looked at is kept, to be imported without being sent again."""
SHOWN: Final = 50
"""Titles and reasons in a preview. All of them are counted."""
_REFRESH: Final = 2.0
"""Seconds between two notices that the list has grown."""


class ImportItem(Value):
    """A conversation of a preview."""

    title: str | None
    outcome: Outcome
    messages: int
    """How many are in it."""
    fresh: int
    """How many of them would come in."""


class ImportFailure(Value):
    """Something that does not come in, or of which something is missing, and why."""

    name: str
    reason: str


class ImportPreview(Value):
    """What would come in. Counts are of conversations; lists hold the first of each kind."""

    upload_id: str
    """Import it by this, without sending the file again, within some hours."""
    name: str
    product: str
    """What it comes from: "ChatGPT"."""
    conversations: int
    messages: int
    new: int
    updated: int
    unchanged: int
    failed: int
    archived: int
    attachments: int
    items: tuple[ImportItem, ...]
    failures: tuple[ImportFailure, ...]
    notes: tuple[ImportFailure, ...]
    """Conversations that come in, but not with everything."""


@dataclass
class _Tally:
    """What came of an import so far."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    notes: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    ids: list[str] = field(default_factory=list[str])
    same: list[str] = field(default_factory=list[str])
    """Of those that were there as they are, the first few."""

    def counts(self) -> dict[str, Any]:
        """In short."""
        return {"imported": self.new, "updated": self.updated, "unchanged": self.unchanged, "failures": len(self.failed)}

    def result(self) -> dict[str, Any]:
        """The contract's `result`."""
        return {
            "imported": self.new,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "failed": self.failed,
            "notes": self.notes,
            "conversation_ids": self.ids,
            "unchanged_ids": self.same,
        }

    def fail(self, bundle: Bundle, exc: Exception) -> None:
        """One that cannot come in."""
        if isinstance(exc, LLMHubError):
            self.failed.append({"name": _name(bundle), "reason": f"{exc.message} {exc.hint}".strip()})
        else:
            skipped = unexpected(_name(bundle), exc)
            self.failed.append({"name": skipped.name, "reason": skipped.reason})

    def refuse(self, name: str, exc: LLMHubError) -> None:
        """The file as a whole, or what in it should have been conversations."""
        self.failed += exc.details.get("skipped") or [{"name": name, "reason": f"{exc.message} {exc.hint}".strip()}]

    def add(self, outcome: Outcome, id: str) -> None:
        """One more."""
        match outcome:
            case "new":
                self.new += 1
            case "updated":
                self.updated += 1
            case "unchanged":
                self.unchanged += 1
        if outcome != "unchanged":
            self.ids.append(id)
        elif len(self.same) < SHOWN:
            self.same.append(id)


class Importing:
    """`upload_path()`, put a file there, `preview` it, `start` it. Files that nobody imports are thrown away after some hours."""

    def __init__(
        self,
        conversations: ConversationStore,
        files: FileStore,
        jobs: Jobs,
        notices: Notices,
        *,
        folder: Path,
        file_limit: Callable[[Principal], int],
    ) -> None:
        """`folder` is where files lie meanwhile; `file_limit`: bytes an attachment may have, or `AccessDenied`."""
        self._conversations = conversations
        self._files = files
        self._jobs = jobs
        self._notices = notices
        self._folder = folder
        self._file_limit = file_limit
        self.sweep()  # what a server that has ended left behind

    # ---- files that wait

    def upload(self, principal: Principal) -> tuple[str, Path]:
        """An id for a file that comes in, and where to put it. Throws old ones away. Blocks."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.sweep()
        id = new_id()
        return id, self._path(principal, id)

    def sweep(self) -> None:
        """Throw away what nobody has imported in time. Blocks, for a few files."""
        with suppress(OSError):
            for old in list(self._folder.iterdir()):
                with suppress(OSError):
                    if time.time() - old.stat().st_mtime > KEPT:
                        old.unlink()

    def uploaded(self, principal: Principal, upload_id: str) -> Path:
        """Where a file of somebody's lies. Raises `NotFound`."""
        path = self._path(principal, upload_id) if is_id(upload_id) else None
        if path is None or not path.is_file():
            raise NotFound("The file is not here any more.", hint="Choose it again.", details={"upload_id": upload_id})
        return path

    def _path(self, principal: Principal, upload_id: str) -> Path:
        # The owner's id is part of the name, so that nobody imports somebody else's file by guessing its id.
        return self._folder / f"{upload_id}.{principal.id.encode().hex()[:100]}"

    def name(self, path: Path, name: str) -> None:
        """Remember what a file is called. Blocks."""
        path.with_name(f"{path.name}.name").write_text(name, encoding="utf-8", errors="replace")

    def name_of(self, path: Path) -> str:
        """What a file is called. Blocks, for a few bytes."""
        with suppress(OSError):
            return path.with_name(f"{path.name}.name").read_text(encoding="utf-8")
        return "file"

    @staticmethod
    def throw_away(path: Path) -> None:
        """A file that is not needed any more, and its name. Blocks."""
        for one in (path, path.with_name(f"{path.name}.name")):
            with suppress(OSError):
                one.unlink(missing_ok=True)

    # ---- looking

    async def preview(self, principal: Principal, path: Path, name: str, *, upload_id: str = "") -> ImportPreview:
        """What would come in. Raises `Invalid` and `TooLarge` for what cannot be read at all."""
        asyncio.get_running_loop().call_later(KEPT + 60, self.sweep)
        counts = {"new": 0, "updated": 0, "unchanged": 0}
        messages = archived = attachments = failed = 0
        items: list[ImportItem] = []
        failures: list[ImportFailure] = []
        notes: list[ImportFailure] = []
        async with Incoming(path, name) as incoming:
            async for batch in incoming.batches():
                skipped = [entry for entry in batch.entries if isinstance(entry, Skipped)]
                failed += len(skipped)
                failures += (ImportFailure(name=one.name, reason=one.reason) for one in skipped[: SHOWN - len(failures)])
                bundles = [entry for entry in batch.entries if isinstance(entry, Bundle)]
                standings = await self._conversations.standings(principal.id, bundles)
                for bundle, standing in zip(bundles, standings, strict=True):
                    fresh = standing.fresh(bundle)
                    counts[standing.outcome] += 1
                    messages += len(fresh)
                    archived += bundle.archived
                    attachments += len({id for message in fresh for id in named_files(message.parts)})
                    if len(items) < SHOWN:
                        held = len(bundle.messages)
                        items.append(ImportItem(title=bundle.title, outcome=standing.outcome, messages=held, fresh=len(fresh)))
                    if bundle.notes and fresh and len(notes) < SHOWN:
                        said = " ".join(dict.fromkeys(bundle.notes))
                        notes.append(ImportFailure(name=bundle.title or name, reason=said))
            return ImportPreview(
                upload_id=upload_id,
                name=name,
                product=", ".join(incoming.products),
                conversations=sum(counts.values()),
                messages=messages,
                failed=failed,
                archived=archived,
                attachments=attachments,
                items=tuple(items),
                failures=tuple(failures),
                notes=tuple(notes),
                **counts,
            )

    # ---- bringing in

    async def start(
        self,
        principal: Principal,
        path: Path,
        name: str,
        *,
        folder_id: str | None = None,
        client_request_id: str | None = None,
    ) -> JobRecord:
        """Begin to import a file, which is thrown away at the end; gives the run. The same request gives the same run."""
        work = _Work(self, principal, path, name, folder_id)
        record, is_new = await self._jobs.start(principal, "import", name, work, client_request_id=client_request_id)
        if not is_new:
            await asyncio.to_thread(self.throw_away, path)
        return record

    async def work(self, job: Job, principal: Principal, path: Path, name: str, folder_id: str | None) -> None:
        """Bring in all that a file holds. Raises only what stops everything: a full disk, a file that cannot be read at all."""
        tally = _Tally()
        job.result = tally.result()
        refreshed = 0.0
        try:
            async with Incoming(path, name) as incoming:
                async for batch in incoming.batches():
                    await self._bring(principal, batch.entries, incoming, tally, folder_id)
                    job.result = tally.result()
                    last = batch.entries[-1]
                    said = last.name if isinstance(last, Skipped) else last.title or name
                    await job.progress(said, incoming.fraction, tally.counts())
                    if tally.ids and time.monotonic() - refreshed > _REFRESH:
                        refreshed = time.monotonic()
                        self._notices.publish(principal.id, {"what": "conversations.changed"})
        except (Invalid, TooLarge) as exc:
            tally.refuse(name, exc)
            raise
        finally:
            job.result = tally.result()
            self.throw_away(path)
            self._notices.publish(principal.id, {"what": "conversations.changed"})

    async def _bring(
        self, principal: Principal, entries: Sequence[Entry], incoming: Incoming, tally: _Tally, folder_id: str | None
    ) -> None:
        ready: list[_Ready] = []
        fault: StoreError | None = None
        for entry in entries:
            if isinstance(entry, Skipped):
                tally.failed.append({"name": entry.name, "reason": entry.reason})
                continue
            try:
                ready.append(await self._with_files(principal, entry, incoming))
            except StoreError as exc:
                fault = exc  # the next one would meet the same; those before it may still come in
                break
            except Exception as exc:
                tally.fail(entry, exc)
        # To its end also when it is stopped meanwhile: what is counted is what is there.
        if ready:
            await _whole(self._write(principal, ready, tally, folder_id))
        if fault is not None:
            raise fault

    async def _write(self, principal: Principal, ready: Sequence[_Ready], tally: _Tally, folder_id: str | None) -> None:
        try:
            pairs = [(one.bundle, one.kept) for one in ready]
            done = await self._conversations.add_bundles(principal.id, pairs, folder_id=folder_id)
        except StoreError:
            raise
        except Exception as exc:
            if len(ready) == 1:
                tally.fail(ready[0].bundle, exc)
                return
            for one in ready:  # one of them cannot be written; the others can
                await self._write(principal, [one], tally, folder_id)
            return
        for one, (outcome, id) in zip(ready, done, strict=True):
            tally.add(outcome, id)
            if one.notes and outcome != "unchanged":
                tally.notes.append({"name": _name(one.bundle), "reason": " ".join(dict.fromkeys(one.notes))})

    async def _with_files(self, principal: Principal, bundle: Bundle, incoming: Incoming) -> _Ready:
        """The bundle with its new messages' files stored; a file that cannot be had is said in its place."""
        kept: dict[str, Kept] = {}
        missing: dict[str, str] = {}
        notes = list(bundle.notes)
        refs = {ref.id: ref for ref in bundle.files}
        if not any(named_files(part for message in bundle.messages for part in message.parts)):
            return _Ready(bundle, kept, notes)
        standing = await self._conversations.standing(principal.id, bundle)
        for id in dict.fromkeys(id for message in standing.fresh(bundle) for id in named_files(message.parts)):
            ref = refs.get(id)
            try:
                if ref is None:
                    raise NotFound("It is not in the export.")
                data = await incoming.bytes_of(ref, self._file_limit(principal))
                kept[id] = await self._files.keep(data, name=ref.name, media_type=ref.media_type)
            except StoreError:
                raise
            except LLMHubError as exc:
                missing[id] = ref.name if ref is not None else "A file"
                notes.append(f"{missing[id]} did not come along: {exc.message}")
        if missing:
            bundle = replace(bundle, messages=tuple(_without(message, missing) for message in bundle.messages))
        return _Ready(bundle, kept, notes)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A conversation that can be written."""

    bundle: Bundle
    kept: Mapping[str, Kept]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Work:
    """An import as a job does it."""

    importing: Importing
    principal: Principal
    path: Path
    name: str
    folder_id: str | None

    async def __call__(self, job: Job) -> None:
        await self.importing.work(job, self.principal, self.path, self.name, self.folder_id)


def _name(bundle: Bundle) -> str:
    return bundle.title or f"{bundle.origin.product} {bundle.origin.id}"[:100]


async def _whole(work: Any) -> None:
    """Do something to its end, and only then be cancelled."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _without(message: Message, missing: Mapping[str, str]) -> Message:
    return message.model_copy(update={"parts": tuple(_said(part, missing) for part in message.parts)})


def _said(part: Part, missing: Mapping[str, str]) -> Any:
    match part:
        case ImagePart(file_id=str(id)) | FilePart(file_id=id) if id in missing:
            return TextPart(text=f"*{missing[id]} was here; it did not come along.*")
        case ToolResultPart(parts=inner):
            return part.model_copy(update={"parts": tuple(_said(one, missing) for one in inner)})
        case _:
            return part
