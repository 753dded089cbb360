"""The checker tells a build without the epoch check from the real one, by traffic alone."""

from __future__ import annotations

import random

import pytest

from evaluation import promises
from evaluation.promises import Violation
from tests.chaos.armed_service import Order
from tests.chaos.stack import LOGIN, PASSWORD, running_stack
from tests.chaos.traffic import traffic_on


async def claim_while_the_bot_thinks(*flags: str) -> list[Violation]:
    """An agent takes a conversation over in the middle of a turn; what the checker says afterwards."""
    async with running_stack(with_rasa=False, flags=flags) as stack:
        async with traffic_on(stack, random.Random(1), customers=1) as traffic:
            [customer], console = traffic.customers, traffic.console
            console.takes_over = False
            await customer.open()
            await console.sign_in(LOGIN, PASSWORD)
            stack.orders.give(Order(point="before_commit", after=1))
            await customer.say("你好")
            await stack.until_struck()
            await console.claim(str(customer.conversation_id), customer.state["epoch"])
            stack.orders.let_go_on()
            await stack.until_turns_end()
            logs = await traffic.logs()
        return promises.check(stack.database_url, logs)


@pytest.mark.timeout(300)
async def test_bot_stays_silent_when_an_agent_claims_while_it_thinks() -> None:
    assert await claim_while_the_bot_thinks() == []


@pytest.mark.timeout(300)
async def test_a_build_without_the_epoch_check_talks_over_the_agent_and_is_found_out() -> None:
    violations = await claim_while_the_bot_thinks("--without-epoch-check")
    assert "no double talk" in {violation.promise for violation in violations}
