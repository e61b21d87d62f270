"""Conversations, messages, parts, runs, processes, tags and files.

A revision is never edited once released; what it needs stands here, not in `tables.py`, which moves on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    time = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("title", sa.Text()),
        sa.Column("title_key", sa.Text()),
        sa.Column("head_id", sa.String(36)),
        sa.Column("model", sa.Text()),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("folder_id", sa.String(36)),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("updated_at", time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_owner_updated_at_id", "conversations", ["owner", "updated_at", "id"])
    op.create_table(
        "tags",
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("tag", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_tags_conversation_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation_id", "tag", name="pk_tags"),
    )
    op.create_index("ix_tags_tag", "tags", ["tag"])
    op.create_table(
        "messages",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("parent_id", sa.String(36)),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("model", sa.Text()),
        sa.Column("usage", sa.JSON()),
        sa.Column("finish_reason", sa.String(32)),
        sa.Column("error", sa.JSON()),
        sa.Column("run_id", sa.String(36)),
        sa.Column("created_at", time, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_messages_conversation_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["parent_id"], ["messages.id"], name="fk_messages_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_index("ix_messages_conversation_id_parent_id", "messages", ["conversation_id", "parent_id"])
    op.create_index("ix_messages_parent_id", "messages", ["parent_id"])
    op.create_table(
        "parts",
        sa.Column("message_id", sa.String(36), nullable=False),
        sa.Column("idx", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_parts_message_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message_id", "idx", name="pk_parts"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("user_message_id", sa.String(36)),
        sa.Column("message_id", sa.String(36), nullable=False),
        sa.Column("process_id", sa.String(64), nullable=False),
        sa.Column("client_request_id", sa.String(255), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("first_part", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("error", sa.JSON()),
        sa.Column("created_at", time, nullable=False),
        sa.Column("finished_at", time),
        sa.Column("log", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_runs_conversation_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("owner", "client_request_id", name="uq_runs_owner_client_request_id"),
    )
    op.create_index("ix_runs_owner_id", "runs", ["owner", "id"])
    op.create_index("ix_runs_conversation_id_finished_at", "runs", ["conversation_id", "finished_at"])
    op.create_index("ix_runs_finished_at_owner_id", "runs", ["finished_at", "owner", "id"])
    op.create_table(
        "processes",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("beat_at", time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_processes"),
    )
    op.create_table(
        "files",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(255), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
    )
