"""Runs one of our own commands in a process of its own: what takes seconds of the processor, or 100 MB for scikit-learn.

It dies with whoever started it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from service.supervision import launch

PROGRAM = Path(__file__).parents[2]


class CommandFailed(Exception):
    """The command ended with an error; the message is what it printed."""


async def run_command(*arguments: str, environment: Mapping[str, str]) -> str:
    """`anxin` with these arguments, `environment` on top of ours; what it printed. Raises CommandFailed."""
    argv = [sys.executable, "-c", "from service.cli import main; main()", *arguments]
    process = await asyncio.create_subprocess_exec(
        *launch.wrap(argv, signal=signal.SIGKILL),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **environment},
        cwd=PROGRAM,
    )
    try:
        out, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        raise
    printed = out.decode(errors="replace").strip()
    if process.returncode != 0:
        raise CommandFailed(printed)
    return printed
