"""`anxin triage`: mood, urgency and complaint level of each line of standard input."""

from __future__ import annotations

import sys

import click


@click.command(name="triage")
def command() -> None:
    """Tag each line: {id, text} in, {id, sentiment, urgency, level, words} out.

    A line that is not a JSON object is the text. Trains the classifier first where its examples changed.
    """
    from knowledge_base.errors import KnowledgeBaseError
    from routing.triage import load_tagger
    from routing.triage_training import train_if_changed
    from service.cli.json_lines import LineError, read_lines, write_line
    from service.cli.settings_problems import load_or_exit
    from service.tagging import shipped_encoder

    settings = load_or_exit()
    try:
        encoder = shipped_encoder()
        tagger = load_tagger(train_if_changed(settings.home, settings.data, encoder), encoder)
        for line in read_lines(sys.stdin.buffer):
            write_line(sys.stdout.buffer, line.answer(tagger.tag([line.text])[0].as_json()))
    except LineError as error:
        raise click.UsageError(str(error)) from None
    except (ValueError, OSError, KnowledgeBaseError) as error:
        raise click.ClickException(str(error)) from None
