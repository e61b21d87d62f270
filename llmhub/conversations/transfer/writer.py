"""A bundle into the store: a conversation with all its messages in one transaction, or what of them is new since the last time.

What came in before is known by where it comes from (`imports`). A message that is there is never changed, and one that was deleted
here does not come back: whoever imports a second time wants what is missing, not what they threw away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import repeat
from typing import Any, Final, Literal

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update

from ...ids import ids_at, is_id
from ...messages import FilePart, ImagePart, Message, Part, QuotePart, ToolResultPart
from .. import folders, trees
from ..changes import TAGS, TITLE_CHARS
from ..cursors import is_text
from ..tables import conversations, files, imports, messages, parts, summaries, tags
from ..titles import titled
from ..values import FolderSettings, Kept
from .bundle import Bundle, Origin

Outcome = Literal["new", "updated", "unchanged"]
OURS: Final = "llmhub"
"""The product whose ids are kept where they are free."""
INSTRUCTIONS: Final = 100_000
"""Characters of a folder's instructions."""
_KEY_CHARS: Final = 255
_SOME: Final = 500
"""Ids looked for in one statement."""

_KNOWN = select(imports).where(
    imports.c.owner == bindparam("owner"), imports.c.product == bindparam("product"), imports.c.source_id == bindparam("source")
)
_THERE = select(conversations.c.id, conversations.c.head_id, conversations.c.updated_at).where(
    conversations.c.id == bindparam("conversation"), conversations.c.owner == bindparam("owner")
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a bundle stands to what is in the store."""

    outcome: Outcome
    conversation_id: str | None
    known: Mapping[str, str]
    """The bundle's message ids that came in before → ours."""
    head: str | None = None
    """What the last import showed."""

    def fresh(self, bundle: Bundle) -> tuple[Message, ...]:
        """The messages that would come in."""
        return tuple(message for message in bundle.messages if message.id not in self.known)


def stand(c: Connection, owner: str, bundle: Bundle) -> Standing:
    """Whether a bundle is new, has grown, or is there."""
    row = c.execute(_KNOWN, {"owner": owner, **_key(bundle.origin)}).one_or_none()
    if row is not None:
        conversation_id, known, head = row.conversation_id, row.messages, row.head_id
    elif bundle.origin.product == OURS and is_id(bundle.origin.id) and _is_there(c, owner, bundle.origin.id):
        conversation_id, head = bundle.origin.id, None  # it never left, or another copy of it is there
        own = select(messages.c.id).where(messages.c.conversation_id == conversation_id)
        known = {id: id for id in c.execute(own).scalars()}
    else:
        return Standing("new", None, {})
    standing = Standing("unchanged", conversation_id, known, head)
    return Standing("updated", conversation_id, known, head) if standing.fresh(bundle) else standing


def write(
    c: Connection, owner: str, bundle: Bundle, kept: Mapping[str, Kept], now: datetime, *, folder_id: str | None = None
) -> tuple[Outcome, str]:
    """Store what is new of a bundle; gives what that was, and the conversation. `kept`: its files by their ids in the bundle.

    A new conversation goes into the folder that its bundle names, within `folder_id`. The id of a file that is not in `kept`
    becomes a dead name: leave such parts out before.
    """
    standing = stand(c, owner, bundle)
    if standing.outcome == "unchanged":
        assert standing.conversation_id is not None
        return "unchanged", standing.conversation_id
    fresh = standing.fresh(bundle)
    ids = {**standing.known, **_new_ids(c, bundle, fresh)}
    conversation_id = standing.conversation_id or _conversation_id(c, bundle)
    if standing.conversation_id is None:
        if (path := _folders(bundle)) or folder_id is not None:
            folder_id = folders.made(c, owner, path, folder_id, now)
        c.execute(insert(conversations), _conversation_row(owner, conversation_id, bundle, folder_id))
        if tagged := _tags(bundle.tags):
            c.execute(insert(tags), [{"conversation_id": conversation_id, "tag": tag} for tag in tagged])
    kept = _write_files(c, owner, bundle, kept, fresh)
    _write_messages(c, conversation_id, fresh, ids, kept)
    if standing.conversation_id is None and bundle.summaries:
        _write_summaries(c, conversation_id, bundle, ids)
    head = _show(c, owner, conversation_id, bundle, standing, ids)
    _remember(c, owner, conversation_id, bundle, ids, head, now)
    return standing.outcome, conversation_id


# ---- ids


def _key(origin: Origin) -> dict[str, str]:
    """What an origin is found by: short, and storable."""
    id = origin.id
    if len(id) > _KEY_CHARS or not is_text(id):
        id = hashlib.sha256(id.encode(errors="replace")).hexdigest()
    return {"product": origin.product[:64], "source": id}


def _is_there(c: Connection, owner: str, conversation_id: str) -> bool:
    return c.execute(_THERE, {"conversation": conversation_id, "owner": owner}).first() is not None


def _conversation_id(c: Connection, bundle: Bundle) -> str:
    if bundle.origin.product == OURS and is_id(bundle.origin.id):
        taken = c.execute(select(conversations.c.id).where(conversations.c.id == bundle.origin.id)).first()
        if taken is None:
            return bundle.origin.id
    return ids_at([bundle.created_at])[0]


def _new_ids(c: Connection, bundle: Bundle, fresh: Iterable[Message]) -> dict[str, str]:
    """The bundle's ids → ours, which sort as the messages' times do. Our own come back as they were, where nobody has them."""
    ordered = sorted(fresh, key=lambda message: message.created_at)
    made = dict(zip((message.id for message in ordered), ids_at([message.created_at for message in ordered]), strict=True))
    if bundle.origin.product == OURS:
        free = {id for id in made if is_id(id)}
        for some in _pieces(sorted(free)):
            free -= set(c.execute(select(messages.c.id).where(messages.c.id.in_(some))).scalars())
        made.update({id: id for id in free})
    return made


def _pieces(ids: list[str]) -> Iterable[list[str]]:
    return (ids[start : start + _SOME] for start in range(0, len(ids), _SOME))


# ---- rows


def _conversation_row(owner: str, conversation_id: str, bundle: Bundle, folder_id: str | None) -> dict[str, Any]:
    title = None if bundle.title is None else plain(bundle.title)[:TITLE_CHARS].strip() or None
    return {
        "id": conversation_id,
        "owner": owner,
        **titled(title),
        "model": None if bundle.model is None else plain(bundle.model)[:1000],
        "params": _storable(dict(bundle.params)),
        "folder_id": folder_id,
        "pinned": bundle.pinned,
        "archived": bundle.archived,
        "unread": False,
        "created_at": bundle.created_at.astimezone(UTC),
        "updated_at": bundle.updated_at.astimezone(UTC),
    }


def _write_files(c: Connection, owner: str, bundle: Bundle, kept: Mapping[str, Kept], fresh: Iterable[Message]) -> dict[str, Kept]:
    """The rows of the files that new messages name; gives them as they are now.

    Our own keep their ids where nobody has them, and one that never left is named again.
    """
    named = {id for message in fresh for id in named_files(message.parts)}
    wanted = {id: one for id, one in kept.items() if id in named}
    own = sorted(id for id in wanted if is_id(id)) if bundle.origin.product == OURS else []
    taken = {row.id: row for some in _pieces(own) for row in c.execute(select(files).where(files.c.id.in_(some)))}
    there: set[str] = set()
    for id in own:
        one, row = wanted[id], taken.get(id)
        if row is None or (row.owner, row.sha256, row.name) == (owner, one.sha256, one.file.name):
            wanted[id] = replace(one, file=one.file.model_copy(update={"id": id}))
            there |= {id} if row is not None else set()
    rows = [{"owner": owner, "sha256": one.sha256, **one.file.model_dump()} for id, one in wanted.items() if id not in there]
    if rows:
        c.execute(insert(files), rows)
    return wanted


def _write_messages(
    c: Connection, conversation_id: str, fresh: Iterable[Message], ids: Mapping[str, str], kept: Mapping[str, Kept]
) -> None:
    rows: list[dict[str, Any]] = []
    bodies: list[dict[str, Any]] = []
    for message in fresh:
        stored = message.model_copy(update={"parts": ()}).model_dump(mode="json", exclude_none=True)
        id = ids[message.id]
        rows.append(
            {
                "id": id,
                "conversation_id": conversation_id,
                "parent_id": None if message.parent_id is None else ids[message.parent_id],
                "role": message.role,
                "status": "interrupted" if message.status in ("running", "waiting") else message.status,
                "model": None if message.model is None else plain(message.model)[:1000],
                "usage": stored.get("usage"),
                "finish_reason": message.finish_reason,
                "error": stored.get("error"),
                "instruction": None if message.instruction is None else plain(message.instruction),
                "adapted": stored.get("adapted") or None,
                "pinned": message.pinned,
                "starred_at": message.created_at.astimezone(UTC) if message.starred else None,
                "rating": stored.get("rating"),
                "created_at": message.created_at.astimezone(UTC),
            }
        )
        for idx, part in enumerate(message.parts):
            body = _named(part, ids, kept).model_dump(mode="json", exclude_none=True)
            bodies.append({"message_id": id, "idx": idx, "type": part.type, "body": body})
    if rows:
        c.execute(insert(messages), rows)
    if bodies:
        c.execute(insert(parts), bodies)


def _named(part: Part, ids: Mapping[str, str], kept: Mapping[str, Kept]) -> Part:
    """A part with our ids for the bundle's."""
    match part:
        case ImagePart(file_id=str(id)) | FilePart(file_id=id) if id in kept:
            return part.model_copy(update={"file_id": kept[id].file.id})
        case ToolResultPart(parts=inner):
            return part.model_copy(update={"parts": tuple(_named(one, ids, kept) for one in inner)})
        case QuotePart(message_id=id) if id in ids:
            return part.model_copy(update={"message_id": ids[id]})
        case _:
            return part


def _write_summaries(c: Connection, conversation_id: str, bundle: Bundle, ids: Mapping[str, str]) -> None:
    rows: list[dict[str, Any]] = []
    made = ids_at([one.created_at for one in bundle.summaries])
    own = {one.id for one in bundle.summaries if bundle.origin.product == OURS and is_id(one.id)}
    for some in _pieces(sorted(own)):
        own -= set(c.execute(select(summaries.c.id).where(summaries.c.id.in_(some))).scalars())
    for summary, new in zip(bundle.summaries, made, strict=True):
        id = summary.id if summary.id in own else new
        if summary.message_id in ids:
            row = summary.model_dump(mode="json", exclude={"created_at"})
            place = {"id": id, "conversation_id": conversation_id, "message_id": ids[summary.message_id]}
            rows.append({**row, **place, "created_at": summary.created_at})
    if rows:
        c.execute(insert(summaries), rows)


def _show(
    c: Connection, owner: str, conversation_id: str, bundle: Bundle, standing: Standing, ids: Mapping[str, str]
) -> str | None:
    """Move the head to where the file has it, unless somebody has gone on here since the last time; gives it.

    What comes back to us with something new was changed by a person, and they want to see that.
    """
    there = c.execute(_THERE, {"conversation": conversation_id, "owner": owner}).one()
    head = ids.get(bundle.head or "") or _newest_leaf(bundle, ids)
    changed: dict[str, Any] = {}
    edited = bundle.origin.product == OURS and bundle.head is not None and bundle.head not in standing.known
    if head is not None and (edited or standing.conversation_id is None or there.head_id in (standing.head, None)):
        changed["head_id"] = trees.newest_leaf(c, conversation_id, head)
    if bundle.updated_at > there.updated_at:
        changed["updated_at"] = bundle.updated_at.astimezone(UTC)
    if changed:
        c.execute(update(conversations).where(conversations.c.id == conversation_id).values(changed))
    return changed.get("head_id", standing.head)


def _newest_leaf(bundle: Bundle, ids: Mapping[str, str]) -> str | None:
    inner = {message.parent_id for message in bundle.messages}
    leaves = [message for message in bundle.messages if message.id not in inner]
    newest = max(leaves, key=lambda message: message.created_at, default=None)
    return None if newest is None else ids[newest.id]


def _remember(
    c: Connection, owner: str, conversation_id: str, bundle: Bundle, ids: Mapping[str, str], head: str | None, now: datetime
) -> None:
    key = _key(bundle.origin)
    mine = {"owner": owner, "product": key["product"], "source_id": key["source"]}
    said = {"conversation_id": conversation_id, "head_id": head, "messages": dict(ids), "imported_at": now}
    known = update(imports).where(*(imports.c[name] == value for name, value in mine.items()))
    if c.execute(known.values(said)).rowcount == 0:
        c.execute(insert(imports), {**mine, **said})


# ---- text


def plain(text: str) -> str:
    """Text that every database holds: no U+0000, no halves of surrogate pairs."""
    return text if is_text(text) else text.replace("\0", "").encode(errors="replace").decode()


def named_files(said: Iterable[Part]) -> Iterable[str]:
    """The ids of the files that parts name."""
    for part in said:
        match part:
            case ImagePart(file_id=str(id)) | FilePart(file_id=id):
                yield id
            case ToolResultPart(parts=inner):
                yield from named_files(inner)
            case _:
                pass


def _folders(bundle: Bundle) -> list[tuple[str, FolderSettings]]:
    """The folders that a bundle lies in, by names that can be."""
    said = (*bundle.folder_settings, *repeat(FolderSettings(), max(0, len(bundle.folder) - len(bundle.folder_settings))))
    found: list[tuple[str, FolderSettings]] = []
    for one, settings in zip(bundle.folder, said, strict=False):
        if name := " ".join(plain(one).split())[:200].strip():
            instructions = plain(settings.instructions or "").strip()[:INSTRUCTIONS] or None
            model = plain(settings.model or "")[:500] or None
            found.append((name, FolderSettings(instructions=instructions, model=model)))
    return found


def _tags(given: Iterable[str]) -> list[str]:
    cleaned = (" ".join(plain(tag).split())[:100].strip() for tag in given)
    return list(dict.fromkeys(tag for tag in cleaned if tag))[:TAGS]


def _storable(params: dict[str, Any]) -> dict[str, Any]:
    try:
        orjson.dumps(params)
    except TypeError:
        return {}
    return params
