"""What agents corrected, out of the database into the next training and onto the command line."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from desk import conversations, corrections, people
from desk.conversations import NewConversation
from desk.corrections import Labels
from routing.tags import NEUTRAL
from service.cli import main
from service.tagging import newest_model
from tests.integration.rest.conftest import quick_passwords

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SARCASM = "订单AX2026112100017又没发货，可真行啊你们"
EXAMPLES = """
neutral normal none: [你好, 怎么退货, 几天能到, hello there]
positive normal none: [谢谢, 谢谢你, thanks]
negative high minor: [还没到 急, 有点慢, 还没到啊]
angry critical serious: [骗子 退钱, 骗子, 退钱]
negative normal major: [我找律师, 律师函, 找律师了]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "nlu_data" / "triage").mkdir(parents=True)
    (tmp_path / "nlu_data" / "triage" / "zh.yml").write_text(EXAMPLES, encoding="utf-8")
    (tmp_path / "config.yml").write_text("{}", encoding="utf-8")
    return tmp_path


async def corrected_message(pool: AsyncConnectionPool) -> UUID:
    """A customer's message that a supervisor called angry; the conversation's id."""
    conversation_id = await conversations.start(pool, NewConversation(), now=NOW)
    agent, _ = await people.create(
        pool,
        people.NewAgent(login=f"s-{uuid4().hex[:6]}", name="美玲", role="supervisor"),
        hasher=quick_passwords(),
        by=None,
        now=NOW,
        password="right-horse-battery",
        must_change=False,
    )
    async with pool.connection() as conn:
        await conn.execute(
            "insert into messages (conversation_id, seq, epoch, sender, text, tags) values (%s, 1, 1, 'customer', %s, %s)",
            (conversation_id, SARCASM, Jsonb(NEUTRAL.as_json())),
        )
    labels = Labels(sentiment="angry", urgency="high", level="serious")
    await corrections.correct(pool, conversation_id, 1, agent, labels, now=NOW)
    return conversation_id


async def run(home: Path, database_url: str, *arguments: str) -> Result:
    env = {
        "ANXIN_CONFIG": str(home / "config.yml"),
        "ANXIN_DATA": str(home / "var"),
        "ANXIN_DATABASE_URL": database_url,
    }
    return await asyncio.to_thread(CliRunner(env=env).invoke, main, list(arguments))


async def test_corrections_are_printed_masked_a_line_each(
    pool: AsyncConnectionPool, database_url: str, home: Path
) -> None:
    conversation_id = await corrected_message(pool)
    done = await run(home, database_url, "triage", "corrections")
    assert done.exit_code == 0, done.output
    (line,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert line["text"] == "订单xx0000000000000又没发货，可真行啊你们"
    assert (line["sentiment"], line["urgency"], line["level"]) == ("angry", "high", "serious")
    assert line["said"] == {"sentiment": "neutral", "urgency": "normal", "level": "none"}
    assert (line["conversation"], line["seq"]) == (str(conversation_id), 1)
    assert line["level_of_agent"] == "supervisor"


async def test_the_next_training_learns_them_and_forgets_what_was_erased(
    pool: AsyncConnectionPool, database_url: str, home: Path
) -> None:
    plain = await run(home, database_url, "train", "--only", "triage")
    assert plain.exit_code == 0, plain.output
    before = newest_model(home / "var")
    conversation_id = await corrected_message(pool)
    learned = await run(home, database_url, "train", "--only", "triage", "--force")
    assert "1 corrections of agents learned" in learned.stdout
    assert before is not None
    after = newest_model(home / "var")
    assert after is not None
    assert after.name.startswith(f"{before.name}-")
    assert all("又没发货" not in file.read_text("utf-8", "replace") for file in after.glob("*.json"))
    async with pool.connection() as conn:
        await conn.execute("delete from conversations where id = %s", (conversation_id,))
    await run(home, database_url, "train", "--only", "triage")
    assert newest_model(home / "var") == before


async def test_a_database_that_cannot_be_read_stops_the_training(home: Path) -> None:
    done = await run(home, "postgresql://nobody@127.0.0.1:9/none", "train", "--only", "triage")
    assert done.exit_code == 1
    assert "Nothing was trained" in done.output
    assert newest_model(home / "var") is None
