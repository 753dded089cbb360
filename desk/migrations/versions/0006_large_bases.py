"""Tables that keep search and checks fast in large bases."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Nothing that is there is changed in meaning."""
    script = Path(__file__).with_name("0006_large_bases.sql").read_text(encoding="utf-8")
    # As PostgreSQL's own script: SQLAlchemy would read %, : and parameters into it.
    op.get_bind().connection.cursor().execute(script)
