"""The embedded PostgreSQL: its binaries, its places on disk and its life."""
