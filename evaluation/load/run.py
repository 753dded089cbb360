"""A whole run: warm up, measure each phase, say what it ran on; the report as one JSON object."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp

from evaluation.load import bot_turns, machine, phases
from evaluation.load.figures import Record
from evaluation.load.floor import Customer, Floor
from evaluation.load.generator import Lag
from evaluation.load.processes import Parts, find_parts

Report = dict[str, Any]
MOST_CUSTOMERS = 1000
MOST_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much of everything; all bounded by MOST_CUSTOMERS and MOST_SECONDS."""

    seed: int = 20_251_121
    warm_up_s: float = 3.0
    rest_s: float = 12.0
    load_s: float = 20.0
    load_customers: int = 50
    saturation_s: float = 6.0
    saturation_customers: Sequence[int] = (10, 50, 100)
    in_flight: int = 4
    bot_s: float = 12.0


@dataclass(frozen=True, kw_only=True)
class Target:
    """The desk to measure. Without `database_url` its settings and counters stay unknown."""

    url: str
    login: str
    password: str
    window_s: float
    database_url: str | None = None
    disk: Path | None = None
    rasa_url: str | None = None


class Run:
    """Measures one target once."""

    def __init__(self, target: Target, plan: Plan, say: Callable[[str], None]) -> None:
        self._target = target
        self._plan = plan
        self._say = say
        self._parts: Parts = find_parts(target.url)

    async def measure(self) -> Report:
        """All phases, one after the other. Raises BenchFailed."""
        began = perf_counter()
        report = await self._describe()
        timeout = aiohttp.ClientTimeout(total=30)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            floor = Floor(session, self._target.url, seed=self._plan.seed)
            await floor.sign_in_admin(self._target.login, self._target.password)
            try:
                await self._run_phases(floor, report)
            finally:
                await floor.leave()
        return report | {"took_s": round(perf_counter() - began, 1)}

    async def _run_phases(self, floor: Floor, report: Report) -> None:
        plan = self._plan
        one = await floor.add_customers(1)
        self._say("Warming up …")
        await phases.at_rest(floor, one[0], seconds=plan.warm_up_s)
        await phases.saturated(floor, one, seconds=plan.warm_up_s / 3, in_flight=plan.in_flight)
        report["memory_at_rest"] = self._parts.memory()
        self._say("At rest …")
        report["rest"] = await self._observed(lambda: phases.at_rest(floor, one[0], seconds=plan.rest_s))
        report["bot"] = await self._bot(floor)
        many = one + await floor.add_customers(plan.load_customers - 1)
        self._say(f"{len(many)} customers, a message a second each …")
        report["load"] = await self._observed(lambda: phases.steadily(floor, many, seconds=plan.load_s))
        report["load"]["customers"] = len(many)
        report["saturation"] = []
        for count in plan.saturation_customers:
            if count > len(many):
                many += await floor.add_customers(count - len(many))
            self._say(f"Saturation with {count} customers …")
            step = await self._saturate(floor, many[:count])
            report["saturation"].append(step | {"customers": count, "in_flight": plan.in_flight})
        report["memory_after"] = self._parts.memory()

    async def _saturate(self, floor: Floor, customers: Sequence[Customer]) -> Report:
        plan = self._plan
        return await self._observed(
            lambda: phases.saturated(floor, customers, seconds=plan.saturation_s, in_flight=plan.in_flight)
        )

    async def _bot(self, floor: Floor) -> Report:
        if self._plan.bot_s <= 0:
            return {}
        lanes: Report = {}
        for lane in await bot_turns.lanes_of(floor):
            self._say(f"Turns of the bot: {lane.name} …")
            warm_up_s = self._target.window_s + 0.5
            await bot_turns.measure(floor, lane, seconds=warm_up_s, window_s=self._target.window_s)
            lag = Lag()
            record = await bot_turns.measure(
                floor, lane, seconds=self._plan.bot_s, window_s=self._target.window_s
            )
            lanes[lane.name] = record.as_json() | {"generator": await lag.stop()}
            if self._target.database_url is not None:
                lanes[lane.name] |= machine.turns_through_rasa(self._target.database_url, record.chats)
        return lanes

    async def _observed(self, phase: Callable[[], Awaitable[tuple[Record, float]]]) -> Report:
        """A phase with what the processes and the database did meanwhile."""
        cpu, counted, lag = self._parts.cpu_s(), self._counters(), Lag()
        record, seconds = await phase()
        generator = await lag.stop()
        messages = max(1, record.acknowledged)
        after = self._parts.cpu_s()
        spent = {part: round((after[part] - cpu[part]) / messages * 1000, 3) for part in cpu if part in after}
        database = {name: number - counted[name] for name, number in self._counters().items()}
        return record.as_json(seconds) | {
            "cpu_s_per_1000_messages": spent,
            "database": database,
            "generator": generator,
        }

    def _counters(self) -> Mapping[str, int]:
        url = self._target.database_url
        return machine.counters(url) if url is not None else {}

    async def _describe(self) -> Report:
        target, plan = self._target, self._plan
        report: Report = {
            "format": 1,
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "plan": asdict(plan) | {"saturation_customers": list(plan.saturation_customers)},
            "fragment_window_s": target.window_s,
            "machine": machine.describe(),
            "durability": machine.durability(target.database_url) if target.database_url else None,
            "disk_sync_ms": machine.disk_sync_ms(target.disk) if target.disk else None,
        }
        if target.rasa_url is not None and (found := await _rasa_version(target.rasa_url)) is not None:
            report["machine"]["versions"]["rasa"] = found
        return report


async def _rasa_version(url: str) -> str | None:
    timeout = aiohttp.ClientTimeout(total=5)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(f"{url}/version") as answer:
            return str((await answer.json())["version"])
    except (aiohttp.ClientError, TimeoutError, OSError, KeyError, ValueError):
        return None
