"""The knowledge base in the database: entries and policy figures with their revisions, and the search index."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """New tables, empty: the first start, or `anxin kb import`, fills them."""
    script = Path(__file__).with_name("0002_knowledge.sql").read_text(encoding="utf-8")
    # As PostgreSQL's own script: SQLAlchemy would read %, : and parameters into it.
    op.get_bind().connection.cursor().execute(script)
