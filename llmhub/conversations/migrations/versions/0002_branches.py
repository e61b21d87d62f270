"""Deleted branches, instructions, unread conversations, and requests that make a thing once."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns only: no table is written again."""
    time = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
    op.add_column("conversations", sa.Column("unread", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("conversations", sa.Column("client_request_id", sa.String(255)))
    op.create_index("ix_conversations_owner_client_request_id", "conversations", ["owner", "client_request_id"], unique=True)
    op.add_column("messages", sa.Column("instruction", sa.Text()))
    op.add_column("messages", sa.Column("client_request_id", sa.String(255)))
    op.add_column("messages", sa.Column("deleted_with", sa.String(36)))
    op.create_index("ix_messages_client_request_id", "messages", ["client_request_id"])
    op.create_table(
        "deletions",
        sa.Column("message_id", sa.String(36), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("head_id", sa.String(36)),
        sa.Column("created_at", time, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_deletions_conversation_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message_id", name="pk_deletions"),
    )
    op.create_index("ix_deletions_conversation_id", "deletions", ["conversation_id"])
