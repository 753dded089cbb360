"""`anxin verify`: says which promise is broken and where, and ends with 1."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result

from service.cli import main


@pytest.fixture
def conversation(database_url: str) -> UUID:
    """One message to the bot, one answer of a committed turn."""
    conversation, turn = uuid4(), uuid4()
    with psycopg.connect(database_url) as conn:
        conn.execute(
            "insert into conversations (id, next_seq, last_customer_seq, answered_seq) values (%s, 3, 1, 1)",
            (conversation,),
        )
        conn.execute(
            "insert into ownerships (conversation_id, epoch, owner, from_seq, reason) values (%s, 1, 'bot', 1, 'created')",
            (conversation,),
        )
        conn.execute(
            """
            insert into turns (id, conversation_id, epoch, generation, first_seq, last_seq, state, worker)
            values (%s, %s, 1, 1, 1, 1, 'committed', 'test')
            """,
            (turn, conversation),
        )
        conn.execute(
            """
            insert into messages (conversation_id, seq, epoch, sender, client_id, turn_id, text)
            values (%(c)s, 1, 1, 'customer', 'c-1', null, '你好'), (%(c)s, 2, 1, 'bot', null, %(t)s, '您好')
            """,
            {"c": conversation, "t": turn},
        )
    return conversation


def verify(database_url: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["verify", *arguments], env={"ANXIN_DATABASE_URL": database_url})


def written(path: Path, *logs: object) -> str:
    path.write_text("".join(json.dumps(log) + "\n" for log in logs), encoding="utf-8")
    return str(path)


def test_a_sound_desk_holds_every_promise(database_url: str, conversation: UUID, tmp_path: Path) -> None:
    log = {"conversation_id": str(conversation), "acknowledged": {"c-1": 1}, "received": [[1, 2]]}
    result = verify(database_url, "--settled", "--log", written(tmp_path / "clients.jsonl", log))
    assert result.exit_code == 0, result.output
    assert result.output.count("holds") == 5 and "1 clients' logs" in result.output


def test_what_a_client_lost_breaks_the_promise(database_url: str, conversation: UUID, tmp_path: Path) -> None:
    log = {"conversation_id": str(conversation), "acknowledged": {"c-1": 1, "c-2": 3}, "received": [[1]]}
    result = verify(database_url, "--log", written(tmp_path / "clients.jsonl", log))
    assert result.exit_code == 1
    assert "BROKEN, 2 times" in result.output
    assert "c-2 was acknowledged as 3, stored as None" in result.output
    assert "the client never got seqs [2]" in result.output


def test_a_bot_that_talks_over_an_agent_is_told_with_conversation_and_seq(
    database_url: str, conversation: UUID
) -> None:
    with psycopg.connect(database_url) as conn:
        conn.execute("update ownerships set owner = 'queue' where conversation_id = %s", (conversation,))
        conn.execute("update conversations set owner = 'queue' where id = %s", (conversation,))
    result = verify(database_url)
    assert result.exit_code == 1
    assert f"{conversation}: the bot spoke at seq 2 while queue owned it" in result.output


def test_a_turn_that_said_nothing_is_no_answer(database_url: str, conversation: UUID) -> None:
    with psycopg.connect(database_url) as conn:
        conn.execute("update messages set sender = 'system', turn_id = null where seq = 2")
    result = verify(database_url)
    assert result.exit_code == 1
    assert f"{conversation}: the turn that answers seq 1 said nothing" in result.output


def test_a_line_that_is_no_log_is_named(database_url: str, tmp_path: Path) -> None:
    result = verify(database_url, "--log", written(tmp_path / "clients.jsonl", {"acknowledged": {}}))
    assert result.exit_code == 1
    assert "clients.jsonl, line 1: conversation_id: Field required" in result.output


def test_a_database_that_is_away_is_said_in_one_line() -> None:
    result = verify("postgresql://u:p@127.0.0.1:1/x")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
