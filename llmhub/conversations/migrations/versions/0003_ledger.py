"""The ledger: an entry for each request that a provider was paid for. What answers used until now goes in."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table and fill it from the answers that are there."""
    time = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
    table = op.create_table(
        "ledger",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("conversation_id", sa.String(36)),
        sa.Column("folder_id", sa.String(36)),
        sa.Column("run_id", sa.String(36)),
        sa.Column("message_id", sa.String(36)),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=False),
        sa.Column("guessed_input", sa.BigInteger(), nullable=False),
        sa.Column("guessed_output", sa.BigInteger(), nullable=False),
        sa.Column("nanos", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_ledger"),
    )
    key = ("owner", "at", "quarter", "model", "source", "conversation_id")
    sums = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "guessed_input", "guessed_output", "nanos")
    op.create_index("ix_ledger_sums", "ledger", [*key, *sums])
    op.create_index("ix_ledger_conversation_id_message_id", "ledger", ["conversation_id", "message_id"])
    connection = op.get_bind()
    answers = connection.execute(
        sa.text(
            "SELECT m.id, c.owner, m.created_at, m.model, m.usage, m.run_id, m.status, c.id AS conversation_id, c.folder_id "
            "FROM messages m JOIN conversations c ON c.id = m.conversation_id "
            "WHERE m.run_id IS NOT NULL AND m.usage IS NOT NULL"
        ).columns(usage=sa.JSON())
    )
    while rows := answers.fetchmany(1000):
        entries = [entry for row in rows if (entry := _entry(row)) is not None]
        if entries:
            connection.execute(sa.insert(table), entries)


def _entry(row: sa.Row[Any]) -> dict[str, Any] | None:
    """What one answer used, as far as its provider reported it; None: nothing was reported, or a script was asked."""
    used: dict[str, Any] = row.usage or {}
    tokens: dict[str, int] = {
        name: used.get(name) or 0 for name in ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
    }
    cost = used.get("cost_usd")
    model = row.model or ""
    if not (any(tokens.values()) or cost) or model.startswith("demo/"):
        return None
    made = row.created_at
    at = datetime.fromisoformat(made) if isinstance(made, str) else made.astimezone(UTC)
    return {
        "id": row.id,
        "owner": row.owner,
        "at": made,
        "quarter": int(at.timestamp()) // 900,
        "source": "chat",
        "asked": model,
        "model": model,
        "provider": model.partition("/")[0][:64],
        "outcome": {"complete": "finished", "stopped": "stopped", "interrupted": "stopped"}.get(row.status, "failed"),
        "conversation_id": row.conversation_id,
        "folder_id": row.folder_id,
        "run_id": row.run_id,
        "message_id": row.id,
        **tokens,
        "guessed_input": 0,
        "guessed_output": 0,
        "nanos": None if cost is None else int((Decimal(str(cost)) * 10**9).to_integral_value(ROUND_HALF_EVEN)),
    }
