"""Becomes another program that dies with its parent: `launch.py PARENT SIGNAL UID GID -- program argument …`.

Run as a script by any Python, standard library only. It exists because the signal for a parent's death must
be set after the change of user and before exec, which is not safe in a fork of a process with threads.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1


def wrap(argv: Sequence[str], *, signal: int, uid: int | None = None, gid: int | None = None) -> list[str]:
    """`argv` as a command line that gets `signal` when the thread which started it ends.

    The thread, not the process: start children from one that lives as long as they should.
    """
    identity = [str(os.getpid()), str(int(signal)), _text(uid), _text(gid)]
    return [sys.executable, "-I", "-S", str(Path(__file__).resolve()), *identity, "--", *argv]


def _text(number: int | None) -> str:
    return "-" if number is None else str(number)


def main(arguments: list[str]) -> None:
    """Change the user, ask for the signal, become the program."""
    parent, signal, uid, gid, _, *argv = arguments
    if gid != "-":
        os.setgroups([])
        os.setgid(int(gid))
    if uid != "-":
        os.setuid(int(uid))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
    if os.getppid() != int(parent):  # it died before we could ask
        sys.exit(1)
    os.execvp(argv[0], argv)


if __name__ == "__main__":
    main(sys.argv[1:])
