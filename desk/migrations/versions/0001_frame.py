"""The frame: pgvector, our first tables, and the schema of Procrastinate 3.10.0."""

from __future__ import annotations

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Everything is new, so there is nothing to carry over."""
    frame = Path(__file__).with_name("0001_frame.sql").read_text(encoding="utf-8")
    for script in ("create extension if not exists vector;", frame, SchemaManager.get_schema()):
        # As PostgreSQL's own script: SQLAlchemy would read %, : and parameters into it.
        op.get_bind().connection.cursor().execute(script)
