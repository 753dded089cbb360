"""Imports of files, whether a base answers directly, and which of the shipped contents it has."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Nothing that is there is changed in meaning."""
    script = Path(__file__).with_name("0007_imports.sql").read_text(encoding="utf-8")
    # As PostgreSQL's own script: SQLAlchemy would read %, : and parameters into it.
    op.get_bind().connection.cursor().execute(script)
