"""Where the phrasings of an entry lie together."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Nothing that is there is changed in meaning."""
    script = Path(__file__).with_name("0008_centres.sql").read_text(encoding="utf-8")
    # As PostgreSQL's own script: SQLAlchemy would read %, : and parameters into it.
    op.get_bind().connection.cursor().execute(script)
