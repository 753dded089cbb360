"""Settings for commands: loaded, or every problem printed and exit code 1."""

from __future__ import annotations

import sys

import click

from service.settings import Settings, SettingsError, load


def load_or_exit() -> Settings:
    """The effective settings; prints all problems and exits with 1 where there are some."""
    try:
        return load()
    except SettingsError as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        sys.exit(1)
