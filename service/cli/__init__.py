"""The command line: one file per command, loaded only when it is called.

Exit codes: 0 done, 1 failed, 2 usage.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import click

COMMANDS: Mapping[str, str] = {
    "serve": "Start everything, or one part of it, and watch over it.",
    "train": "Train what changed: Rasa's model and the triage classifier.",
    "triage": "Mood, urgency and complaint level of each line.",
    "nlu": "Intent and entities of each line, by Rasa.",
    "kb": "Search, import and export the knowledge base.",
    "ask": "Chat with the desk in the terminal.",
    "play": "Play conversations against a running desk, one a line.",
    "demo": "The demo shop's orders and customers.",
    "config": "The effective settings.",
    "database": "Bring the schema up to date.",
    "backup": "Write a backup of the database.",
    "restore": "Restore a backup.",
    "bench": "Measure the running desk.",
    "eval": "How good the models and the search are, beside their peers.",
    "verify": "Check the promises from the database and clients' logs.",
}


class LazyGroup(click.Group):
    """A group whose commands live in `service.cli.<name>` as `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"service.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="anxin", prog_name="anxin")
def main() -> None:
    """Anxin 安心, an after-sales desk that an online shop hosts itself."""
