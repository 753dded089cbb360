"""`anxin config`: what is in force and where it comes from, and the page that documents every setting."""

from __future__ import annotations

import sys

import click


@click.group(name="config")
def command() -> None:
    """The effective settings."""


@command.command()
def check() -> None:
    """Print every setting with its value and origin; secrets as set or not set. Exit code 1 with all problems."""
    from service.cli.settings_problems import load_or_exit
    from service.settings_page import effective

    for line in effective(load_or_exit()):
        click.echo(line)


@command.command()
def docs() -> None:
    """Print docs/operations/settings.md as the program knows it."""
    from service.settings_page import documentation

    sys.stdout.write(documentation())
