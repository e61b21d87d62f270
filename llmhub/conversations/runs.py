"""Runs in SQL: what is written down before one starts, and when it ends.

Everything that touches a conversation takes its row first, so that on PostgreSQL two runs, or a run and a deletion, wait in line
instead of for each other; on SQLite there is one writer anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Row, RowMapping, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ..errors import Conflict, Invalid, NotFound
from ..messages import ErrorInfo, Message, Part, Role, Status
from . import cursors, footing, library, trees
from .changes import request_id_fault
from .footing import Footing
from .tables import conversations, messages, parts, processes, runs
from .titles import titled
from .values import Page, RunDraft, RunOutcome, RunRecord

RECORD = select(*(column for column in runs.c if column.name != "log"))
ACTIVE = ("running", "waiting")

# Built once: to build a statement anew takes as long as to execute it.
_REQUESTED = RECORD.where(runs.c.owner == bindparam("whose"), runs.c.client_request_id == bindparam("request"))
_OF_RUN = select(runs.c.message_id).join(conversations).where(runs.c.id == bindparam("run")).with_for_update(of=conversations)
_answering = select(messages.c.run_id).where(messages.c.id == runs.c.message_id).scalar_subquery()
_said_more = and_(runs.c.status == "interrupted", runs.c.last_seq < bindparam("said_seq"), _answering == bindparam("run"))
_END = update(runs).where(runs.c.id == bindparam("run"), or_(runs.c.finished_at.is_(None), _said_more))
_SAY = update(messages).where(messages.c.id == bindparam("message"))
_CLEAR = delete(parts).where(parts.c.message_id == bindparam("message"))
_MOVE_HEAD = update(conversations).where(conversations.c.id == bindparam("conversation"))
_NAME = update(conversations).where(conversations.c.id == bindparam("conversation"), conversations.c.title.is_(None))
_MESSAGE = select(messages.c.id, messages.c.parent_id, messages.c.role, messages.c.status).where(
    messages.c.id == bindparam("message"),
    messages.c.conversation_id == bindparam("conversation"),
    messages.c.deleted_with.is_(None),
)
_answered = select(messages.c.conversation_id).where(messages.c.id == bindparam("message"), messages.c.deleted_with.is_(None))
_UNREAD = update(conversations).where(conversations.c.id == _answered.scalar_subquery()).values(unread=True)
_CLAIM = {  # preserve_rowcount: else it is -1 for an INSERT
    dialect.__name__.rpartition(".")[2]: dialect.insert(runs)
    .on_conflict_do_nothing(index_elements=["owner", "client_request_id"])
    .execution_options(preserve_rowcount=True)
    for dialect in (postgresql, sqlite)
}


_BEAT = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(processes)
    .values(id=bindparam("process"), beat_at=bindparam("at"))
    .on_conflict_do_update(index_elements=["id"], set_={"beat_at": bindparam("at")})
    for dialect in (postgresql, sqlite)
}


def beat(c: Connection, process_id: str, at: datetime) -> None:
    """Say that a process is alive."""
    c.execute(_BEAT[c.dialect.name], {"process": process_id, "at": at})


def check(draft: RunDraft) -> None:
    """`Invalid` for what the tables could not hold."""
    errors: dict[str, str] = {}
    if fault := request_id_fault(draft.client_request_id):
        errors["client_request_id"] = fault
    try:
        orjson.dumps(draft.params)
    except TypeError:
        errors["params"] = "should be plain JSON, not too deep, with numbers of at most 64 bits"
    if not cursors.is_text(draft.instruction or ""):
        errors["instruction"] = "holds characters that cannot be stored"
    if not cursors.is_text(draft.model):
        errors["model"] = "holds characters that cannot be stored"
    if draft.user_parts == ():
        errors["message"] = "has no parts"
    if errors:
        why = "; ".join(f"{name} {what}" for name, what in errors.items())
        raise Invalid(f"This cannot be run: {why}.", hint="Correct the request and send it again.", details={"errors": errors})


class Begun(NamedTuple):
    """A run that is written down; `is_new` False: it was before, and nothing was read."""

    record: RunRecord
    is_new: bool
    footing: Footing | None = None


def begin(c: Connection, owner: str, draft: RunDraft, now: datetime, most: int = 1) -> Begun:
    """Write down a run with its messages and move the head; or find that the same request was written down before.

    `most`: so many messages of the path before it are read, unless it continues one.
    """
    settings = footing.settings(c, owner, draft.conversation_id)
    if draft.continues and (before := requested(c, owner, draft.client_request_id)):
        return Begun(before, is_new=False)  # it goes on already, so that it could not be continued now
    answered, first_part = _check_continued(c, draft) if draft.continues else (draft.user_message_id or draft.parent_id, 0)
    record = _claim(c, owner, draft, settings.params, answered, first_part, now)
    if record is None:
        before = requested(c, owner, draft.client_request_id)
        assert before is not None
        return Begun(before, is_new=False)
    head, page = draft.message_id, None
    if draft.continues:
        _resume_message(c, draft)
        head = trees.newest_leaf(c, draft.conversation_id, head)
    else:
        page = trees.path(c, draft.conversation_id, draft.parent_id, most, None, siblings=False)
        _check_new(draft, page.items[-1] if page.items else None)
        page.items.extend(_question(draft, now))
        _write_messages(c, draft, now)
    if not draft.moves_head and settings.head_id is not None:
        head = settings.head_id
    c.execute(_MOVE_HEAD, {"conversation": draft.conversation_id, "head_id": head, "updated_at": now})
    if draft.title is not None and settings.title is None:
        c.execute(_NAME, {"conversation": draft.conversation_id, **titled(draft.title)})
    return Begun(record, True, footing.of(c, draft.conversation_id, settings, page))


def finish(c: Connection, run_id: str, outcome: RunOutcome, now: datetime) -> bool:
    """Write down how a run ended. False: it has ended before, or its conversation is gone, and nothing was done.

    A run that was taken for interrupted, its owner being silent, may turn out to have said more: then that counts, unless its
    message has gone on since.
    """
    message_id = c.execute(_OF_RUN, {"run": run_id}).scalar_one_or_none()
    model = {"model": outcome.model} if outcome.model else {}
    end: dict[str, Any] = {
        "status": outcome.status,
        "error": _json(outcome.error),
        "log": outcome.log,
        "last_seq": outcome.last_seq,
        "finished_at": now,
        **model,
    }
    if message_id is None or c.execute(_END, {"run": run_id, "said_seq": outcome.last_seq, **end}).rowcount == 0:
        return False
    said: dict[str, Any] = {
        "status": outcome.status,
        "finish_reason": outcome.finish_reason,
        "usage": _json(outcome.usage),
        "error": _json(outcome.error),
        "adapted": [item.model_dump(mode="json", exclude_none=True) for item in outcome.adapted] or None,
        **model,
    }
    c.execute(_SAY, {"message": message_id, **said})
    c.execute(_CLEAR, {"message": message_id})
    write_parts(c, message_id, outcome.parts)
    if outcome.status != "stopped":
        c.execute(_UNREAD, {"message": message_id})
    return True


def get(c: Connection, owner: str | None, run_id: str) -> RunRecord:
    """One run, if it is the owner's; None stands for everybody."""
    asked = RECORD.where(runs.c.id == run_id)
    row = c.execute(asked if owner is None else asked.where(runs.c.owner == owner)).mappings().one_or_none()
    if row is None:
        raise no_run(run_id)
    return to_record(row)


def requested(c: Connection, owner: str, client_request_id: str) -> RunRecord | None:
    """The run that a request made before, if it did."""
    row = c.execute(_REQUESTED, {"whose": owner, "request": client_request_id}).mappings().one_or_none()
    return None if row is None else to_record(row)


def page(
    c: Connection, owner: str, *, active: bool | None, conversation_id: str | None, limit: int, cursor: str | None
) -> Page[RunRecord]:
    """The owner's runs, newest first."""
    limit = cursors.size(limit)
    asked = RECORD.where(runs.c.owner == owner)
    if conversation_id is not None:
        library.require(c, owner, conversation_id)
        asked = asked.where(runs.c.conversation_id == conversation_id)
    if active is not None:
        asked = asked.where(runs.c.finished_at.is_(None) if active else runs.c.finished_at.is_not(None))
    if cursor is not None:
        asked = asked.where(runs.c.id < cursors.decode(cursor, 1)[0])
    rows = c.execute(asked.order_by(runs.c.id.desc()).limit(limit + 1)).mappings().all()
    return Page([to_record(row) for row in rows[:limit]], cursors.encode(rows[limit - 1]["id"]) if len(rows) > limit else None)


def log(c: Connection, run_id: str) -> bytes:
    """The compact log of a finished run."""
    row = c.execute(select(runs.c.log).where(runs.c.id == run_id)).one_or_none()
    if row is None:
        raise no_run(run_id)
    return row.log or b""


def unfinished(c: Connection) -> list[RunRecord]:
    """The runs of everybody that have not ended, oldest first."""
    return [to_record(row) for row in c.execute(RECORD.where(runs.c.finished_at.is_(None)).order_by(runs.c.id)).mappings()]


def no_run(run_id: str) -> NotFound:
    """The answer to an id that is no run, or somebody else's."""
    return NotFound("There is no such run.", hint="Its conversation may have been deleted.", details={"run_id": run_id})


def to_record(row: RowMapping) -> RunRecord:
    """A row of `RECORD` as a value."""
    values: dict[str, Any] = dict(row)
    values["error"] = None if row["error"] is None else ErrorInfo.model_validate(row["error"])
    return RunRecord(**values)


# ---- the steps of `begin`


def _check_new(draft: RunDraft, parent: Message | None) -> None:
    """Whether there is something to answer."""
    if draft.user_message_id is not None:
        if parent is not None and parent.status in ACTIVE:
            raise Conflict("The answer before this message is still being written.", hint="Wait for it, or stop it first.")
        return
    if parent is None:
        raise Invalid("There is nothing to answer.", hint="Send a message, or name in parent_id the message to answer again.")
    if parent.role != "user":
        raise Invalid(
            "Only a user's message can be answered again.",
            hint="Give as parent_id the message that was answered, not the answer.",
            details={"errors": {"parent_id": f"is a message of role {parent.role!r}"}},
        )


def _question(draft: RunDraft, now: datetime) -> Iterator[Message]:
    """The new question, if there is one."""
    if draft.user_message_id is not None and draft.user_parts is not None:
        yield Message(
            id=draft.user_message_id,
            conversation_id=draft.conversation_id,
            parent_id=draft.parent_id,
            role="user",
            status="complete",
            parts=draft.user_parts,
            created_at=now,
        )


def _check_continued(c: Connection, draft: RunDraft) -> tuple[str | None, int]:
    """The message that was answered, and how many parts the answer has so far."""
    answer = _message(c, draft.conversation_id, draft.message_id)
    if answer.role != "assistant":
        raise Invalid(
            "Only an answer can be continued.",
            hint="Give as `continue` a message of the model.",
            details={"errors": {"continue": f"is a message of role {answer.role!r}"}},
        )
    if answer.status in ACTIVE:
        raise Conflict("This answer is still being written.", hint="Wait for it, or stop it first.")
    count = select(func.count()).select_from(parts).where(parts.c.message_id == draft.message_id)
    return answer.parent_id, c.execute(count).scalar_one()


def _message(c: Connection, conversation_id: str, message_id: str) -> Row[Any, Any, Any, Any]:
    row = c.execute(_MESSAGE, {"message": message_id, "conversation": conversation_id}).one_or_none()
    if row is None:
        raise trees.no_message(message_id)
    return row


def _claim(
    c: Connection, owner: str, draft: RunDraft, usual: Mapping[str, Any], answered: str | None, first_part: int, now: datetime
) -> RunRecord | None:
    """Insert the run; None if its request is there already."""
    values: dict[str, Any] = {
        "id": draft.run_id,
        "owner": owner,
        "conversation_id": draft.conversation_id,
        "user_message_id": answered,
        "message_id": draft.message_id,
        "process_id": draft.process_id,
        "client_request_id": draft.client_request_id,
        "status": "running",
        "model": draft.model,
        "params": {**usual, **draft.params},
        "first_part": first_part,
        "last_seq": 0,
        "created_at": now,
    }
    return RunRecord(**values) if c.execute(_CLAIM[c.dialect.name], values).rowcount == 1 else None


def _write_messages(c: Connection, draft: RunDraft, now: datetime) -> None:
    def row(id: str, parent_id: str | None, role: Role, status: Status) -> dict[str, Any]:
        said_by: dict[str, Any] = {"model": None, "run_id": None, "instruction": None}
        if role == "assistant":
            said_by = {"model": draft.model, "run_id": draft.run_id, "instruction": draft.instruction}
        place = {"id": id, "conversation_id": draft.conversation_id, "parent_id": parent_id, "created_at": now}
        return {**place, **said_by, "role": role, "status": status}

    if draft.user_message_id is None or draft.user_parts is None:
        c.execute(insert(messages), [row(draft.message_id, draft.parent_id, "assistant", "running")])
        return
    question = row(draft.user_message_id, draft.parent_id, "user", "complete")
    answer = row(draft.message_id, draft.user_message_id, "assistant", "running")
    c.execute(insert(messages), [question, answer])
    write_parts(c, draft.user_message_id, draft.user_parts)


def _resume_message(c: Connection, draft: RunDraft) -> None:
    running = {"status": "running", "finish_reason": None, "error": None, "run_id": draft.run_id}
    c.execute(_SAY, {"message": draft.message_id, **running})


def write_parts(c: Connection, message_id: str, said: tuple[Part, ...]) -> None:
    """The parts of a message that has none."""
    rows = [
        {"message_id": message_id, "idx": idx, "type": part.type, "body": part.model_dump(mode="json", exclude_none=True)}
        for idx, part in enumerate(said)
    ]
    if rows:
        c.execute(insert(parts), rows)


def _json(value: Any) -> Any:
    return None if value is None else value.model_dump(mode="json", exclude_none=True)
