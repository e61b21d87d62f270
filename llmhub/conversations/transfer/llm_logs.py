"""The database in which the command `llm` (simonw/llm) keeps what was asked: `logs.db`, read only.

Two generations of tables lie side by side in it: `responses` of `conversations`, and since 0.32 a store of `messages` that know
their parents, with `threads` that end in one. What is in both is read from the newer one.
"""

from __future__ import annotations

import io
import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

from ...errors import Invalid
from ...messages import Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart, Usage
from . import fields
from .attached import Attached
from .bundle import Bundle, FileRef, Origin, Skipped
from .options import params_of
from .reading import unexpected
from .source import Source, media_type_of
from .tree import Found, grow

_MAGIC: Final = b"SQLite format 3\0"
LONGEST: Final = 30.0
"""Seconds for one statement."""
_DEEPEST: Final = 100_000
"""Messages of one thread."""
Row = Mapping[str, Any]


class LLMLogs:
    """See the module."""

    product = "llm"
    label = "llm"

    def recognises(self, source: Source) -> bool:
        """An SQLite database with the tables of either generation."""
        if not source.head.startswith(_MAGIC):
            return False
        with source.on_disk() as path:
            try:
                with closing(_open(path)) as db:
                    tables = _tables(db)
            except sqlite3.Error:
                return False
        return {"conversations", "responses"} <= tables or {"threads", "messages", "parts"} <= tables

    def read(self, source: Source) -> Iterator[Bundle | Skipped]:
        """See `Reader`."""
        with source.on_disk() as path:
            try:
                with closing(_open(path)) as db:
                    yield from _Logs(db, source).conversations()
            except sqlite3.Error as exc:
                if "interrupted" in str(exc):
                    raise Invalid(
                        f"{source.name} takes too long to read.", hint="Was it written by llm? Its tables answer at once."
                    ) from exc
                raise Invalid(
                    f"{source.name} cannot be read: {exc}.", hint="Copy it with `llm logs backup`, and import the copy."
                ) from exc


def _open(path: Path) -> sqlite3.Connection:
    # Immutable: nothing is written beside it, and no write-ahead log is looked for, which would lie elsewhere.
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    db.row_factory = sqlite3.Row
    db.text_factory = _decoded
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 256 * 2**20)
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA query_only = ON")
    return db


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _tables(db: sqlite3.Connection) -> set[str]:
    """Real tables: a view could be anything."""
    return {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


class _Logs:
    """One database while it is read."""

    def __init__(self, db: sqlite3.Connection, source: Source) -> None:
        self._db = db
        self._source = source
        self._tables = _tables(db)

    def conversations(self) -> Iterator[Bundle | Skipped]:
        threads = self._all("threads", "SELECT * FROM threads ORDER BY id")
        by_root: dict[str, list[Row]] = defaultdict(list)
        above = {fields.text(thread.get("id")): fields.text(thread.get("forked_from")) for thread in threads}
        for thread in threads:
            by_root[_root(fields.text(thread.get("id")), above)].append(thread)
        for root, family in by_root.items():
            yield self._guarded(root, partial(self._family, root, family))
        for id, rows in self._responses().items():
            if id not in by_root:
                yield self._guarded(id or "", partial(self._legacy, id, rows))

    def _responses(self) -> dict[str | None, list[int]]:
        """Where the responses of each conversation are: there is no index, and to look through all for each would take hours."""
        places: dict[str | None, list[int]] = defaultdict(list)
        query = "SELECT rowid AS place, conversation_id FROM responses ORDER BY conversation_id, datetime_utc, id"
        for row in self._all("responses", query):
            places[fields.key(row.get("conversation_id"))].append(row["place"])
        return places

    def _guarded(self, id: str, read: Any) -> Bundle | Skipped:
        try:
            return read()
        except sqlite3.Error:
            raise
        except Exception as exc:
            return unexpected(f"{self._source.name}, {id}", exc)

    def _all(self, table: str, query: str, *values: Any) -> list[Row]:
        """Rows of a table, if it is there; what columns it has is its own affair."""
        if table not in self._tables:
            return []
        until = time.monotonic() + LONGEST
        # A column can be computed, by whatever its author wrote: one statement must not hold everything up.
        self._db.set_progress_handler(lambda: time.monotonic() > until, 1000)
        return [dict(row) for row in self._db.execute(query, values)]

    # ---- since 0.32

    def _family(self, root: str, threads: list[Row]) -> Bundle | Skipped:
        files = Attached(self._source.archive)
        turns: dict[str, Row] = {}
        for thread in threads:
            for turn in self._all("turns", "SELECT * FROM turns WHERE thread_id = ? ORDER BY id", thread["id"]):
                turns[fields.text(turn.get("tip_message_hash"))] = turn
        nodes: dict[str, Found] = {}
        system = ""
        for thread in threads:
            turn: Row = {}
            hash = fields.key(thread.get("tip_message_hash"))
            while hash is not None and hash not in nodes and len(nodes) < _DEEPEST:
                found = self._all("messages", "SELECT * FROM messages WHERE hash = ?", hash)
                if not found:
                    break
                is_tip = hash in turns
                turn = turns.get(hash, turn)
                parent = fields.key(found[0].get("parent_hash"))
                role = found[0].get("role")
                parts = self._parts(hash, files)
                if role == "system":
                    system = system or "\n\n".join(part.text for part in parts if isinstance(part, TextPart))
                    parts = ()
                nodes[hash] = Found(
                    id=hash,
                    parent=parent,
                    role="user" if role == "user" else "assistant",
                    parts=parts,
                    at=fields.time(turn.get("datetime_utc")),
                    model=fields.name(turn.get("resolved_model")) or fields.name(turn.get("model")),
                    joins=role in ("assistant", "tool"),
                    usage=_usage(turn) if is_tip else None,
                )
                hash = parent
        newest = max(threads, key=lambda thread: fields.text(thread.get("datetime_utc")))
        title = fields.name(threads[0].get("name"))
        ordered = [nodes[hash] for hash in reversed(nodes)]  # each thread was walked upwards
        options = _json(next((turn.get("options_json") for turn in turns.values()), None))
        return self._bundle(root, title, ordered, fields.key(newest.get("tip_message_hash")), {**options, "system": system}, files)

    def _parts(self, hash: str, files: Attached) -> tuple[Part, ...]:
        parts: list[Part] = []
        for row in self._all("parts", "SELECT * FROM parts WHERE message_hash = ? ORDER BY position", hash):
            payload = _json(row.get("payload"))
            text = fields.text(row.get("text")) or self._referred(payload.get("text_ref"))
            call = fields.key(payload.get("tool_call_id")) or f"{hash[:12]}:{fields.text(payload.get('name'))}"
            match row.get("type"):
                case "text":
                    parts += [TextPart(text=text)] if text.strip() else []
                case "reasoning":
                    parts += [ReasoningPart(text=text)] if text.strip() else []
                case "tool_call":
                    arguments = fields.dumped(payload.get("arguments") or {})
                    parts.append(ToolCallPart(call_id=call, name=fields.name(payload.get("name")) or "tool", arguments=arguments))
                case "tool_result":
                    failed = fields.text(payload.get("exception"))
                    said = fields.text(payload.get("output")) or failed
                    inner = (TextPart(text=said),) if said.strip() else ()
                    parts.append(ToolResultPart(call_id=call, ok=not failed, parts=inner))
                    for one in fields.records(payload.get("attachments")):
                        parts += self._attachment(fields.key(one.get("id")), files)
                case "attachment":
                    parts += self._attachment(fields.key(fields.record(payload.get("attachment")).get("id")), files)
                case _:
                    pass
        return tuple(parts)

    def _referred(self, pieces: Any) -> str:
        """Text that borrows from fragments."""
        said: list[str] = []
        for piece in fields.records(pieces):
            if "fragment" in piece:
                found = self._all("fragments", "SELECT content FROM fragments WHERE id = ?", fields.whole(piece.get("fragment")))
                said += [fields.text(row.get("content")) for row in found]
            else:
                said.append(fields.text(piece.get("literal")))
        return "".join(said)

    # ---- before

    def _legacy(self, id: str | None, places: list[int]) -> Bundle | Skipped:
        files = Attached(self._source.archive)
        names = [row.get("name") for row in self._all("conversations", "SELECT * FROM conversations WHERE id = ?", id)]
        nodes: list[Found] = []
        systems: list[str] = []
        options: Mapping[str, Any] = {}
        for row in (row for place in places for row in self._all("responses", "SELECT * FROM responses WHERE rowid = ?", place)):
            response = fields.text(row.get("id"))
            at = fields.time(row.get("datetime_utc"))
            before = nodes[-1].id if nodes else None
            systems += [text for text in (*self._fragments("system_fragments", response), fields.text(row.get("system"))) if text]
            options = options or _json(row.get("options_json"))
            asked = self._asked(row, files)
            results = self._results(response, files)
            nodes.append(Found(id=f"{response}:q", parent=before, role="user", parts=asked, at=at))
            if results:
                nodes.append(Found(id=f"{response}:r", parent=nodes[-1].id, role="assistant", parts=results, at=at, joins=True))
            nodes.append(
                Found(
                    id=response,
                    parent=nodes[-1].id,
                    role="assistant",
                    parts=self._answered(row),
                    at=at,
                    model=fields.name(row.get("resolved_model")) or fields.name(row.get("model")),
                    joins=True,
                    usage=_usage(row),
                )
            )
        system = next(iter(systems), "")
        head = nodes[-1].id if nodes else None
        return self._bundle(
            id or "without a conversation", fields.name(next(iter(names), None)), nodes, head, {**options, "system": system}, files
        )

    def _asked(self, row: Row, files: Attached) -> tuple[Part, ...]:
        response = fields.text(row.get("id"))
        text = "\n\n".join(filter(None, (*self._fragments("prompt_fragments", response), fields.text(row.get("prompt")))))
        parts: list[Part] = [TextPart(text=text)] if text.strip() else []
        query = 'SELECT attachment_id FROM prompt_attachments WHERE response_id = ? ORDER BY "order"'
        for one in self._all("prompt_attachments", query, response):
            parts += self._attachment(fields.key(one.get("attachment_id")), files)
        return tuple(parts)

    def _answered(self, row: Row) -> tuple[Part, ...]:
        thought, said = fields.text(row.get("reasoning")), fields.text(row.get("response"))
        parts: list[Part] = [ReasoningPart(text=thought)] if thought.strip() else []
        parts += [TextPart(text=said)] if said.strip() else []
        for call in self._all("tool_calls", "SELECT * FROM tool_calls WHERE response_id = ? ORDER BY id", row.get("id")):
            id = fields.key(call.get("tool_call_id")) or f"call {call.get('id')}"
            name = fields.name(call.get("name")) or "tool"
            parts.append(ToolCallPart(call_id=id, name=name, arguments=fields.text(call.get("arguments")) or "{}"))
        return tuple(parts)

    def _results(self, response: str, files: Attached) -> tuple[Part, ...]:
        """What this response was given of the tools that the one before it had called."""
        parts: list[Part] = []
        for row in self._all("tool_results", "SELECT * FROM tool_results WHERE response_id = ? ORDER BY id", response):
            failed = fields.text(row.get("exception"))
            said = fields.text(row.get("output")) or failed
            id = fields.key(row.get("tool_call_id")) or f"call {row.get('id')}"
            parts.append(ToolResultPart(call_id=id, ok=not failed, parts=(TextPart(text=said),) if said.strip() else ()))
            query = "SELECT attachment_id FROM tool_results_attachments WHERE tool_result_id = ?"
            for one in self._all("tool_results_attachments", query, row.get("id")):
                parts += self._attachment(fields.key(one.get("attachment_id")), files)
        return tuple(parts)

    def _fragments(self, table: str, response: str) -> list[str]:
        if table not in self._tables:
            return []
        query = (
            f'SELECT f.content FROM {table} t JOIN fragments f ON f.id = t.fragment_id WHERE t.response_id = ? ORDER BY t."order"'
        )
        return [fields.text(row.get("content")) for row in self._all("fragments", query, response)]

    # ---- both

    def _attachment(self, id: str | None, files: Attached) -> list[Part]:
        found = self._all("attachments", "SELECT id, type, path, url, content FROM attachments WHERE id = ?", id)
        if not found:
            return [files.missing(None)]
        row = found[0]
        path, url = fields.name(row.get("path")), fields.text(row.get("url"))
        content = row.get("content")
        if isinstance(content, bytes):
            kind = fields.text(row.get("type")) or media_type_of(content[:16])
            name = Path(path).name if path else f"attachment.{kind.partition('/')[2]}"
            ref = FileRef(id=f"llm:{id}", name=name, media_type=kind, size=len(content), open=lambda: io.BytesIO(content))
            return [files.part(ref)]
        return [files.linked(url) if url.startswith("https://") else files.named(Path(path).name if path else url or None)]

    def _bundle(
        self, id: str, title: str | None, nodes: list[Found], head: str | None, options: Mapping[str, Any], files: Attached
    ) -> Bundle | Skipped:
        begun, changed = fields.span(None, None, *(node.at for node in nodes))
        tree = grow(nodes, begun)
        if not tree.messages:
            return Skipped(title or f"{self._source.name}, {id}", "There is no message in it.")
        return Bundle(
            origin=Origin(LLMLogs.product, id),
            title=title,
            model=next((message.model for message in reversed(tree.messages) if message.model), None),
            params=params_of(options),
            created_at=begun,
            updated_at=changed,
            head=tree.head(head),
            messages=tree.messages,
            files=tuple(files.found.values()),
            notes=tuple(files.notes),
        )


def _root(id: str, above: Mapping[str, str]) -> str:
    """The thread that others were forked from."""
    seen = {id}
    while (parent := above.get(id)) and parent in above and parent not in seen:
        seen.add(parent)
        id = parent
    return id


def _json(text: Any) -> Mapping[str, Any]:
    try:
        return fields.record(json.loads(fields.text(text) or "{}"))
    except (ValueError, RecursionError):
        return {}


def _usage(row: Row) -> Usage | None:
    return fields.usage({"input_tokens": row.get("input_tokens"), "output_tokens": row.get("output_tokens")})
