"""Folders of conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0009"


def upgrade() -> None:
    """Add a table and an index: nothing is written again."""
    time = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
    op.create_table(
        "folders",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("parent_id", sa.String(36)),
        sa.Column("parent_key", sa.String(36), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_key", sa.String(400), nullable=False),
        sa.Column("instructions", sa.Text()),
        sa.Column("model", sa.Text()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("client_request_id", sa.String(255)),
        sa.Column("created_at", time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_folders"),
        sa.ForeignKeyConstraint(["parent_id"], ["folders.id"], name="fk_folders_parent_id"),
    )
    op.create_index("ix_folders_owner_parent_key_name_key", "folders", ["owner", "parent_key", "name_key"], unique=True)
    op.create_index("ix_folders_owner_client_request_id", "folders", ["owner", "client_request_id"], unique=True)
    op.create_index("ix_folders_parent_id", "folders", ["parent_id"])
    op.create_index("ix_conversations_owner_folder_id", "conversations", ["owner", "folder_id"])
