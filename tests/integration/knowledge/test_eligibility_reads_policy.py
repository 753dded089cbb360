"""An editor publishes a longer window: the next decision about an order uses it, in another process too."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from psycopg_pool import AsyncConnectionPool

from desk.eligibility import PolicySource, ReturnEligibility, decide_return
from knowledge_base import editing
from knowledge_base.indexing import PhrasingIndexer
from tests import knowledge
from tests.bot_fakes import NOW, an_order


async def decided(source: PolicySource) -> ReturnEligibility:
    """For an order that was received ten days ago."""
    order = an_order("AX1", state="delivered", delivered_at=NOW - timedelta(days=10))
    policy = await source.policy()
    return decide_return(order, is_vip=False, policy=policy, now=NOW, zone=ZoneInfo("Asia/Shanghai"))


async def publish_window(pool: AsyncConnectionPool, days: int) -> None:
    async with pool.connection() as conn, conn.transaction():
        item = await editing.read_item(conn, "figure", "return_window_days")
        assert item.published is not None
        content = {**item.published, "value": days}
        saved = await editing.save_draft(
            conn, "figure", item.id, content, version=item.version, by=None, now=NOW
        )
        await editing.publish(
            conn,
            "figure",
            item.id,
            version=saved.version,
            note="",
            by=None,
            now=NOW,
            index=PhrasingIndexer(knowledge.encoder()),
        )


async def test_order_of_ten_days_ago_is_eligible_once_fifteen_days_are_published(
    knowledge_database_url: str,
) -> None:
    async with AsyncConnectionPool(knowledge_database_url, min_size=1, max_size=2, open=False) as pool:
        here, elsewhere = knowledge.knowledge_base(pool), knowledge.knowledge_base(pool)
        before = [await decided(source) for source in (here, elsewhere)]
        assert [(found.verdict, found.days_over) for found in before] == [("window_over", 3)] * 2
        await publish_window(pool, 15)
        after = [await decided(source) for source in (here, elsewhere)]
        assert [(found.verdict, found.days_left) for found in after] == [("eligible", 5)] * 2
        assert {found.policy_revision for found in after} == {before[0].policy_revision + 1}
