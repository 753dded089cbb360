"""Backups of the whole database, and restoring them: PostgreSQL's own pg_dump, pg_restore and psql.

A backup is one consistent moment. A restore is one transaction: it is there completely, or the database is as it
was. The secrets of the data folder are not part of it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from desk import schema
from service.postgres.places import program

MAGIC = b"PGDMP"
CLEAR = """
set client_min_messages = warning;
drop schema if exists rasa cascade;
do $$ declare found record; begin
    for found in
        select format('drop table public.%I cascade', relname) as statement from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by relname
    loop execute found.statement; end loop;
    for found in
        select format('drop routine %s cascade', p.oid::regprocedure) as statement from pg_proc p
        where pronamespace = 'public'::regnamespace
          and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    loop execute found.statement; end loop;
    for found in
        select format('drop type public.%I cascade', typname) as statement from pg_type t
        where typnamespace = 'public'::regnamespace and typtype in ('e', 'c', 'd')
          and not exists (select from pg_depend d where d.objid = t.oid and d.deptype in ('e', 'i'))
    loop execute found.statement; end loop;
    for found in
        select format('drop sequence if exists public.%I cascade', relname) as statement from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'S'
    loop execute found.statement; end loop;
end $$;
"""
"""Drops Rasa's trackers and everything of ours in the schema public; extensions and what belongs to them stay."""


class CopyFailed(Exception):
    """A backup or restore was not done; the database and the file are as they were."""


def backup(url: str, target: Path) -> int:
    """Write a backup that only its owner can read, and return its size in bytes."""
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        options = ["--format=custom", "--no-owner", "--no-privileges", "--no-comments"]
        _run([program("pg_dump"), *options, f"--file={unfinished}"], url)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target.stat().st_size


def restore(url: str, source: Path, *, force: bool = False) -> str:
    """Fill the database from a backup, bring its schema up to date and return the schema's version.

    Raises CopyFailed for a file that is no backup or of a newer program, a database in use, and, unless `force`
    says that everything in it may go, a database that is not empty.
    """
    _check_file(source)
    _check_database(url, force=force)
    script = _run(
        [program("pg_restore"), "--no-owner", "--no-privileges", "--no-comments", "--file=-", str(source)]
    )
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--output=/dev/null"]
    options += [f"--set={name}" for name in ("ON_ERROR_STOP=1", "VERBOSITY=terse", "SHOW_CONTEXT=never")]
    _run([program("psql"), *options, "--file=-"], url, stdin=CLEAR.encode() + script)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("analyze")
    return schema.upgrade(url)


def _check_file(source: Path) -> None:
    try:
        with source.open("rb") as file:
            is_backup = file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise CopyFailed(f"{source} cannot be read: {error.strerror}.") from None
    if not is_backup:
        raise CopyFailed(f"{source} is no backup made by `anxin backup`.")
    rows = _run([program("pg_restore"), "--data-only", "--table=alembic_version", "--file=-", str(source)])
    version = _copied_value(rows.decode())
    if version is None:
        raise CopyFailed(f"{source} holds no database of this program.")
    if version not in schema.known():
        raise CopyFailed(f"{source} has schema {version}, this program knows {schema.head()} at most.")


def _copied_value(script: str) -> str | None:
    lines = script.splitlines()
    begins = [n for n, line in enumerate(lines) if line.startswith("COPY ")]
    return lines[begins[0] + 1] if begins else None


def _check_database(url: str, *, force: bool) -> None:
    with psycopg.connect(url) as connection:
        others = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid() and backend_type = 'client backend'"
        ).fetchone()
        tables = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
    if others and others[0]:
        raise CopyFailed(f"The database is in use by {others[0]} connections. Stop `anxin serve` first.")
    if tables and tables[0] and not force:
        raise CopyFailed(
            f"The database is not empty ({tables[0]} tables). --force replaces everything in it; "
            "`anxin backup` it before."
        )


def _run(argv: Sequence[str], url: str | None = None, stdin: bytes = b"") -> bytes:
    done = subprocess.run(argv, input=stdin, capture_output=True, env=_environment(url), check=False)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise CopyFailed(f"{Path(argv[0]).name} failed: {said}")
    return done.stdout


def _environment(url: str | None) -> Mapping[str, str]:
    """The connection as libpq's variables, for a command line can be read by everybody."""
    names = {"dbname": "PGDATABASE", "password": "PGPASSWORD", "user": "PGUSER", "host": "PGHOST"}
    names |= {
        "port": "PGPORT",
        "sslmode": "PGSSLMODE",
        "sslrootcert": "PGSSLROOTCERT",
        "options": "PGOPTIONS",
    }
    given = conninfo_to_dict(url) if url else {}
    found = {variable: str(given[key]) for key, variable in names.items() if given.get(key)}
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "PGCLIENTENCODING": "UTF8", **found}
