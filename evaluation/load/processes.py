"""The desk's processes by part, with what they take of memory and CPU.

RSS counts memory that processes share in each of them; PSS splits it between them, so only PSS adds up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil

PARTS = ("service", "rasa", "postgresql", "supervisor")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Processes of each part; PostgreSQL's children are found anew at each reading."""

    roots: Mapping[str, tuple[psutil.Process, ...]]

    def memory(self) -> dict[str, dict[str, float | int | None]]:
        """RSS and PSS of each part in MB (10^6 bytes); PSS is None where its reading is not allowed."""
        return {part: _memory(self._all(part)) for part in PARTS if self.roots.get(part)}

    def cpu_s(self) -> dict[str, float]:
        """User and system seconds that each part took since it began, ended children included."""
        return {part: sum(map(_cpu_s, self._all(part))) for part in PARTS if self.roots.get(part)}

    def _all(self, part: str) -> list[psutil.Process]:
        found = list(self.roots[part])
        if part == "postgresql":
            for root in self.roots[part]:
                with suppress(psutil.Error):
                    found += root.children(recursive=True)
        return found


def find_parts(url: str) -> Parts:
    """The processes behind a desk on this machine: who listens there, and its relatives. Empty for other machines."""
    parts = urlsplit(url)
    if parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        return Parts(roots={})
    services = [p for pid in _listeners(parts.port or 80) if (p := _process(pid)) is not None]
    family = _family(services)
    roots: dict[str, list[psutil.Process]] = {"service": services}
    for process in family:
        if process not in services and (part := _part_of(process)) is not None:
            roots.setdefault(part, []).append(process)
    return Parts(roots={part: tuple(found) for part, found in roots.items()})


def _family(services: Iterable[psutil.Process]) -> list[psutil.Process]:
    """The supervisors of these and all their direct children."""
    family: dict[int, psutil.Process] = {}
    for service in services:
        with suppress(psutil.Error):
            parent = service.parent()
            if parent is not None and _part_of(parent) == "supervisor":
                family |= {p.pid: p for p in (parent, *parent.children())}
    return list(family.values())


def _part_of(process: psutil.Process) -> str | None:
    with suppress(psutil.Error):
        line = " ".join(process.cmdline())
        for part, mark in (("rasa", "-m rasa"), ("postgresql", "/postgres "), ("supervisor", "serve")):
            if mark in line:
                return part
    return None


def _listeners(port: int) -> set[int]:
    with suppress(psutil.Error):
        return {
            c.pid
            for c in psutil.net_connections("tcp")
            if c.pid and c.laddr and c.laddr.port == port and c.status == psutil.CONN_LISTEN
        }
    return set()


def _process(pid: int) -> psutil.Process | None:
    with suppress(psutil.Error):
        return psutil.Process(pid)
    return None


def _memory(processes: Iterable[psutil.Process]) -> dict[str, float | int | None]:
    rss = pss = 0
    counted, may_read_pss = 0, True
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            rss += process.memory_info().rss
            counted += 1
            try:
                pss += process.memory_full_info().pss
            except (psutil.AccessDenied, AttributeError):
                may_read_pss = False
    return {
        "processes": counted,
        "rss_mb": round(rss / 1e6, 1),
        "pss_mb": round(pss / 1e6, 1) if may_read_pss else None,
    }


def _cpu_s(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0
