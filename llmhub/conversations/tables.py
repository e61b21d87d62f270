"""The tables. SQLite and PostgreSQL share them to the letter; what they hold is described in `values.py` and `llmhub.messages`.

Three surprises: `conversations.head_id` and `.folder_id`, `messages.run_id` and what `deletions` and `summaries` name are no
foreign keys (they would make a circle, or hold up a purge); `parent_id` does not cascade, because SQLite allows 1,000 levels of
cascade and a conversation may be deeper; JSON is text also on PostgreSQL, because JSONB refuses U+0000 and reorders keys, and what
a model said must come back to the byte.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from .titles import UNTITLED

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC. On SQLite it is RFC 3339 text of fixed width, which sorts as the times do."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Text on SQLite, which has no times."""
        kind: Any = String(27) if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Into the database."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Out of the database."""
        if value is None:
            return None
        return datetime.fromisoformat(value) if dialect.name == "sqlite" else value.astimezone(UTC)


def _id(name: str, *rest: Any, **kwargs: Any) -> Column[str]:
    return Column(name, String(36), *rest, **kwargs)


def _where(condition: str) -> dict[str, Any]:
    """An index of some rows only."""
    return {f"{dialect}_where": text(condition) for dialect in ("sqlite", "postgresql")}


_LISTED = ("owner", "pinned", "archived")

metadata = MetaData(naming_convention=NAMING)

conversations = Table(
    "conversations",
    metadata,
    _id("id", primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("title", Text),
    Column("title_key", Text),  # folded for searching: SQLite folds only ASCII by itself
    # Where it stands by title: compared by code points on both.
    Column("title_order", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False, server_default=UNTITLED),
    _id("head_id"),
    Column("model", Text),
    Column("params", JSON, nullable=False),
    _id("folder_id"),
    Column("pinned", Boolean, nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("unread", Boolean, nullable=False, server_default=false()),
    Column("client_request_id", String(255)),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index(None, "owner", "updated_at", "id"),
    Index(None, "owner", "client_request_id", unique=True),
    Index(None, "owner", "folder_id"),
    # The list: what is pinned, or not; in the archive, or not; in each of its orders.
    Index("ix_conversations_used", *_LISTED, "updated_at", "id"),
    Index("ix_conversations_created", *_LISTED, "created_at", "id"),
    Index("ix_conversations_titled", *_LISTED, "title_order", "id"),
)

folders = Table(
    "folders",
    metadata,
    _id("id", primary_key=True),
    Column("owner", String(255), nullable=False),
    _id("parent_id", ForeignKey("folders.id")),
    _id("parent_key", nullable=False),  # parent_id, or empty at the top: no two nulls are the same to an index
    Column("name", String(200), nullable=False),
    Column("name_key", String(400), nullable=False),  # folded: two names that differ in case only are one
    Column("instructions", Text),
    Column("model", Text),
    Column("position", Integer, nullable=False),  # among its siblings
    Column("client_request_id", String(255)),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "owner", "parent_key", "name_key", unique=True),
    Index(None, "owner", "client_request_id", unique=True),
    Index(None, "parent_id"),
)

tags = Table(
    "tags",
    metadata,
    _id("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", String(100), primary_key=True),
    Index(None, "tag"),
)

messages = Table(
    "messages",
    metadata,
    _id("id", primary_key=True),
    _id("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    _id("parent_id", ForeignKey("messages.id")),
    Column("role", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("model", Text),
    Column("usage", JSON(none_as_null=True)),
    Column("finish_reason", String(32)),
    Column("error", JSON(none_as_null=True)),
    _id("run_id"),
    Column("instruction", Text),
    Column("adapted", JSON(none_as_null=True)),
    Column("client_request_id", String(255)),
    Column("pinned", Boolean, nullable=False, server_default=false()),
    Column("starred_at", UtcTime),
    Column("rating", JSON(none_as_null=True)),
    _id("deleted_with"),  # the message that was taken away, itself included, with everything beneath it; null: it is there
    Column("created_at", UtcTime, nullable=False),
    Index(None, "conversation_id", "parent_id"),
    Index(None, "parent_id"),
    Index(None, "client_request_id"),
    Index("ix_messages_starred", "starred_at", "id", **_where("starred_at IS NOT NULL")),
    Index("ix_messages_rated", "id", **_where("rating IS NOT NULL")),
)

deletions = Table(
    "deletions",
    metadata,
    _id("message_id", primary_key=True),
    _id("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    _id("head_id"),  # where the head was, if it was in what was taken away
    Column("created_at", UtcTime, nullable=False),
    Index(None, "conversation_id"),
)

parts = Table(
    "parts",
    metadata,
    _id("message_id", ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("idx", Integer, primary_key=True, autoincrement=False),
    Column("type", String(32), nullable=False),
    Column("body", JSON, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    _id("id", primary_key=True),
    Column("owner", String(255), nullable=False),
    _id("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    _id("user_message_id"),
    _id("message_id", nullable=False),
    Column("process_id", String(64), nullable=False),
    Column("client_request_id", String(255), nullable=False),
    Column("status", String(16), nullable=False),
    Column("model", Text, nullable=False),
    Column("params", JSON, nullable=False),
    Column("first_part", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("error", JSON(none_as_null=True)),
    Column("created_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("log", LargeBinary),
    UniqueConstraint("owner", "client_request_id"),
    Index(None, "owner", "id"),
    Index(None, "conversation_id", "finished_at"),
    Index(None, "finished_at", "owner", "id"),  # those that run now; a partial index would do, but SQLite does not take it
)

presets = Table(
    "presets",
    metadata,
    _id("id", primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("name", String(100), nullable=False),
    Column("name_key", String(400), nullable=False),  # folded: two names that differ in case only are one
    Column("model", Text),
    Column("params", JSON, nullable=False),
    Column("tools", JSON, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("client_request_id", String(255)),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "owner", "name_key", unique=True),
    Index(None, "owner", "client_request_id", unique=True),
)

summaries = Table(
    "summaries",
    metadata,
    _id("id", primary_key=True),
    _id("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    _id("message_id", nullable=False),  # the last message that it stands for
    Column("parts", Integer),  # of that message only the first so many parts; null: all of it
    Column("text", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("instructions", Text),
    Column("messages", Integer, nullable=False),
    Column("left_out", Integer, nullable=False),
    Column("tokens_before", Integer, nullable=False),
    Column("tokens_after", Integer, nullable=False),
    Column("usage", JSON(none_as_null=True)),
    Column("automatic", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("edited", Boolean, nullable=False),
    Column("client_request_id", String(255)),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "conversation_id", "id"),
)

imports = Table(  # what came in from elsewhere, so that it comes in once
    "imports",
    metadata,
    Column("owner", String(255), primary_key=True),
    Column("product", String(64), primary_key=True),
    Column("source_id", String(255), primary_key=True),  # the conversation's id there
    _id("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    _id("head_id"),  # what was shown when it came in: whoever has gone on since keeps their place
    Column("messages", JSON, nullable=False),  # its messages' ids there → here, those deleted here included
    Column("imported_at", UtcTime, nullable=False),
    Index(None, "conversation_id"),
)

jobs = Table(  # work for one person that answers no turn: imports
    "jobs",
    metadata,
    _id("id", primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("name", Text, nullable=False),
    Column("process_id", String(64), nullable=False),
    Column("client_request_id", String(255)),
    Column("status", String(16), nullable=False),
    Column("result", JSON(none_as_null=True)),
    Column("error", JSON(none_as_null=True)),
    Column("log", LargeBinary),
    Column("created_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Index(None, "owner", "client_request_id", unique=True),
    Index(None, "owner", "id"),
)

job_pieces = Table(  # what has come on top of the lists of a job's result while it runs; gone when it has ended
    "job_pieces",
    metadata,
    _id("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("idx", Integer, primary_key=True, autoincrement=False),
    Column("more", JSON, nullable=False),
)

processes = Table(
    "processes",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("beat_at", UtcTime, nullable=False),
)

files = Table(
    "files",
    metadata,
    _id("id", primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", String(255), nullable=False),
    Column("size", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

search_entries = Table(  # what is found by its words: a piece of a message, or the title of a conversation with its tags
    "search_entries",
    metadata,
    # The minute that it is of, times 16,384, and a number: newest first and a range of time go by this key alone.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    _id("subject", nullable=False),  # of the message or the conversation; no foreign key: `search.index` takes entries out
    Column("piece", Integer, nullable=False),
    Column("owner", String(255), nullable=False, server_default=text("''")),
    Column("terms", LargeBinary, nullable=False),
    Column("vector", Text().with_variant(TSVECTOR(), "postgresql")),  # SQLite has its own table for this
    Index(None, "subject", "piece", unique=True),
    Index(None, "owner", "id"),  # the newest of one person, where others' are newer
)

search_stale = Table("search_stale", metadata, _id("id", primary_key=True))
"""Messages and conversations whose entries no longer hold: empty again when a transaction ends."""

search_backlog = Table("search_backlog", metadata, _id("id", primary_key=True))
"""What was there before there was an index: indexed bit by bit in the background."""

ledger = Table(  # no foreign keys: what was paid stays when what it was paid for is deleted
    "ledger",
    metadata,
    _id("id", primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("quarter", Integer, nullable=False),  # `at` in quarters of an hour since 1970: every time zone's days begin with one
    Column("source", String(32), nullable=False),
    Column("asked", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("provider", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    _id("conversation_id"),
    _id("folder_id"),
    _id("run_id"),
    _id("message_id"),
    Column("input_tokens", BigInteger, nullable=False),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("reasoning_tokens", BigInteger, nullable=False),
    Column("guessed_input", BigInteger, nullable=False),
    Column("guessed_output", BigInteger, nullable=False),
    Column("nanos", BigInteger),  # US nanodollars; null: nobody knows the price
    # With all that the usual sums need, so that the rows themselves are not read: five times as quick over 100,000 entries.
    Index(
        "ix_ledger_sums",
        *("owner", "at", "quarter", "model", "source", "conversation_id"),
        *("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "guessed_input", "guessed_output", "nanos"),
    ),
    Index(None, "conversation_id", "message_id"),
)
