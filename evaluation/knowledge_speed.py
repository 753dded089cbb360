"""How fast the search stays as a base grows: `python -m evaluation.knowledge_speed [--sizes 100,1000] [--keep FOLDER] [--write]`.

Bases are made up: each entry is a question of the demo shop about one invented product, eight phrasings each, so that
words repeat as in a language and many entries look alike; titles and answers are Chinese alone, as in a shop of one
language. Each is asked about by a phrasing that it does not have. Every search goes through LiveKnowledgeBase; most
questions are about an entry that is not in memory. Recall is of the ten entries that the same comparison puts first
when it looks at every entry of the base.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import uvloop
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from desk import schema
from evaluation import written_figures
from evaluation.knowledge_speed_plot import as_svg
from evaluation.measured_models import Measured, about
from knowledge_base.encoder import Encoder, load_encoder
from knowledge_base.entries import Entry, load_content
from knowledge_base.indexing import PhrasingIndexer
from knowledge_base.items import entry_as_json, figure_as_json
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.published import PublishedBase
from knowledge_base.ranking import rank, similarities
from knowledge_base.retrieval import make_query
from knowledge_base.search import query_form
from knowledge_base.weighing import weigh
from service.postgres.embedded import EmbeddedPostgres

SIZES = (100, 1_000, 10_000, 100_000)
PHRASINGS = 8
QUESTIONS = 400
COMPARED_WITH_EXACT = 40
FIRST = 10
OPTIONS = {"maintenance_work_mem": "2GB", "shared_buffers": "5GB"}
"""The largest base takes 3 GB: PostgreSQL is given room for it, as its documentation advises (a quarter of the memory)."""
ASKED_BEFORE = 600
WARM = (
    "select count(octet_length(pieces)) from (select pieces from knowledge_phrasings where entry > '' order by entry) p",
    "select count(octet_length(published::text)) from knowledge_items where kind = 'entry'",
)
"""Read through an index, so that the pages stay in PostgreSQL's memory, as after some hours of work."""
READ_TOGETHER = 1_000
WRITTEN_TOGETHER = 10_000
SEED = 20261111
COMMAND = "python -m evaluation.knowledge_speed --write"
LEGEND = """
Times are of a whole search, one after the other, with what a service does before anybody asks, and with PostgreSQL's pages in
memory. Above 5,000 entries most of those that a question is compared with are read for it: questions go to all entries
alike, as no shop's do. «p50 when in memory»: the last hundred questions again. «right first» and recall are shares of 1.
PostgreSQL has 5 GB of shared buffers here; the embedded one has 256 MB. Recall is of 40 questions; how candidates are chosen
(`TOLD`, `CENTRE` and `Limits` in knowledge_base/retrieval.py) was settled on questions made in the same way, the first 40 among them.
"""
CONTENT = Path(__file__).parent.parent / "knowledge_base" / "content"
SYLLABLES = "安博卡达恩菲格华佳凯乐美诺欧派奇瑞尚泰维新雅泽川丹枫谷禾嘉康蓝麦宁鹏清荣森特维西扬云珍"
GOODS = (
    "保温杯 台灯 雨伞 背包 耳机 键盘 鼠标 充电宝 数据线 手机壳 加湿器 电饭煲 吹风机 剃须刀 牙刷 毛巾 枕头 被子 床单 窗帘 地毯 "
    "沙发 茶几 书架 椅子 衣架 收纳箱 垃圾桶 拖把 扫帚 炒锅 菜刀 砧板 饭盒 水壶 茶具 酒杯 餐盘 筷子 围裙 手套 帽子 围巾 "
    "衬衫 外套 毛衣 短裤 裙子 袜子 皮带 皮鞋 运动鞋 凉鞋 拖鞋 手表 项链 戒指 耳环 眼镜 面霜 口红 洗发水 沐浴露 面膜 香水 "
    "积木 拼图 玩偶 遥控车 画笔 笔记本 钢笔 订书机 胶带 计算器 篮球 羽毛球拍 跳绳 哑铃 瑜伽垫 帐篷 睡袋 鱼竿 自行车 头盔"
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """Figures of one size; times in milliseconds, or seconds where the name says so.

    `load`: programs that waited for a core meanwhile.
    """

    entries: int
    phrasings: int
    written_s: float | None
    """None where the base was there already."""
    p50: float
    p95: float
    p99: float
    in_memory_p50: float
    right_first: float
    recall: float
    load: float


def made_up(count: int) -> Iterator[tuple[Entry, str]]:
    """Entries with a question each that none of their phrasings is."""
    chance, goods = random.Random(SEED), GOODS.split()
    topics = [e for e in load_content(CONTENT).entries.values() if len(e.phrasings["zh-Hans"]) > PHRASINGS]
    for n in range(count):
        topic = chance.choice(topics)
        name = "".join(chance.choices(SYLLABLES, k=3)) + chance.choice(goods)
        texts = chance.sample(topic.phrasings["zh-Hans"], PHRASINGS + 1)
        asked, *kept = [f"{name}{text}" if chance.random() < 0.5 else f"{text} {name}" for text in texts]
        yield (
            Entry(
                id=f"made_up_{n}",
                group="made_up",
                title={"zh-Hans": f"{name}：{topic.title['zh-Hans']}"},
                answer={"zh-Hans": topic.answer["zh-Hans"]},
                phrasings={"zh-Hans": tuple(kept), "zh-Hant-HK": (), "en": ()},
            ),
            asked,
        )


async def write(pool: AsyncConnectionPool, encoder: Encoder, entries: Sequence[Entry]) -> float:
    """The base as published, without the checks of an import; the seconds that items and index took."""
    started = time.perf_counter()
    async with pool.connection() as conn, conn.transaction():
        async with (
            conn.cursor() as cursor,
            cursor.copy(
                "copy knowledge_items (kind, id, position, published, revision, base_version) from stdin"
            ) as copy,
        ):
            for n, entry in enumerate(entries):
                await copy.write_row(("entry", entry.id, n, Jsonb(entry_as_json(entry)), 1, 1))
            for n, figure in enumerate(load_content(CONTENT).policy.figures.values()):
                await copy.write_row(("figure", figure.name, n, Jsonb(figure_as_json(figure)), 1, 1))
        await conn.execute("update knowledge_base set version = 1, search_version = 1")
        indexer = PhrasingIndexer(encoder)
        for start in range(0, len(entries), WRITTEN_TOGETHER):
            await indexer.replace(conn, entries[start : start + WRITTEN_TOGETHER])
            print(
                f"\r{min(start + WRITTEN_TOGETHER, len(entries))} of {len(entries)} entries",
                end="",
                flush=True,
            )
        await indexer.add_vector_index(conn)
    async with pool.connection() as conn:
        await conn.set_autocommit(True)
        await conn.execute(
            "vacuum analyze knowledge_phrasings, knowledge_lexemes, knowledge_entry_numbers, knowledge_items"
        )
    print()
    return time.perf_counter() - started


async def warm(pool: AsyncConnectionPool) -> None:
    """PostgreSQL has read everything once."""
    async with pool.connection() as conn, conn.transaction():
        await conn.execute("set local enable_seqscan = off")
        await conn.execute("set local enable_bitmapscan = off")
        for statement in WARM:
            await conn.execute(statement)


async def recall(
    pool: AsyncConnectionPool, encoder: Encoder, ids: Sequence[str], questions: Sequence[str]
) -> float:
    """Share of the exact first ten that the search has among its first ten."""
    base = PublishedBase(encoder.hash, encoder.dimensions)
    best: list[list[tuple[float, str]]] = [[] for _ in questions]
    ours: list[set[str]] = []
    async with pool.connection() as conn:
        asked = [make_query(query_form(text), encoder) for text in questions]
        weighed = []
        for query in asked:
            found = await base.find(conn, query)
            weighed.append(weigh(query, found))
            indexes = await base.entries(conn, found.candidates)
            ranked = rank(similarities(indexes.values(), weighed[-1]), base.calibration.ranking_array)
            ours.append({r.similarity.entry for r in ranked[:FIRST]})
        for start in range(0, len(ids), READ_TOGETHER):
            every = (await base.entries(conn, ids[start : start + READ_TOGETHER])).values()
            for kept, one in zip(best, weighed, strict=True):
                ranked = rank(similarities(every, one), base.calibration.ranking_array)
                kept += [(-r.score, r.similarity.entry) for r in ranked[:FIRST]]
                kept[:] = sorted(kept)[:FIRST]
            print(f"\r{start + len(every)} of {len(ids)} entries compared", end="", flush=True)
    print()
    exact = [{entry for _, entry in kept} for kept in best]
    return sum(len(a & b) / len(b) for a, b in zip(ours, exact, strict=True)) / len(questions)


async def timed(base: LiveKnowledgeBase, asked: Sequence[tuple[str, str]]) -> tuple[list[float], float]:
    """Milliseconds of each search, ascending, and the share with the right entry first."""
    times, right = [], 0
    for entry, text in asked:
        started = time.perf_counter()
        outcome = await base.search(text, language="zh-Hans")
        times.append(1000 * (time.perf_counter() - started))
        right += bool(outcome.candidates) and outcome.candidates[0].entry == entry
    return sorted(times), right / len(asked)


async def measure(size: int, encoder: Encoder, kept: Path | None) -> Row:
    """One base of `size` entries, in a database that is gone afterwards, or below `kept` and there the next time."""
    made = list(made_up(size))
    with _server(kept and kept / str(size)) as server:
        schema.upgrade(server.url)
        async with AsyncConnectionPool(server.url, min_size=1, max_size=2, open=False) as pool:
            written = None
            entries = [entry for entry, _ in made]
            if not await _is_there(pool, encoder, entries):
                written = round(await write(pool, encoder, entries), 1)
            return await _row(pool, encoder, made, written)


@contextmanager
def _server(kept: Path | None) -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="anxin-speed-") as folder:
        server = EmbeddedPostgres(kept or Path(folder), options=OPTIONS)
        try:
            server.start()
            yield server
        finally:
            server.stop() if kept else server.destroy()


async def _is_there(pool: AsyncConnectionPool, encoder: Encoder, entries: Sequence[Entry]) -> bool:
    """Whether a kept base has these entries, with vectors of this encoder. Exits where it has others."""
    async with pool.connection() as conn:
        cursor = await conn.execute("select id, published from knowledge_items where kind = 'entry'")
        found: dict[str, Any] = dict(await cursor.fetchall())
        row = await (await conn.execute("select encoder from knowledge_base")).fetchone()
    if not found:
        return False
    is_ours = row is not None and str(row[0]).startswith(encoder.hash)
    if not is_ours or found != {entry.id: entry_as_json(entry) for entry in entries}:
        raise SystemExit(
            "The kept base has other entries, or vectors of another encoder; remove it and begin again."
        )
    return True


async def _row(
    pool: AsyncConnectionPool, encoder: Encoder, made: Sequence[tuple[Entry, str]], written: float | None
) -> Row:
    chance = random.Random(SEED)
    asked = [(entry.id, text) for entry, text in chance.choices(made, k=QUESTIONS)]
    base = LiveKnowledgeBase(pool, encoder)
    await warm(pool)
    await base.get_ready()  # as a service does beside its work
    others = random.Random(SEED + 1).choices(made, k=ASKED_BEFORE)
    await timed(base, [(entry.id, text) for entry, text in others])
    times, right = await timed(base, asked)
    again, _ = await timed(base, asked[-100:])
    load = round(os.getloadavg()[0], 1)
    return Row(
        entries=len(made),
        phrasings=len(made) * PHRASINGS,
        written_s=written,
        p50=round(_quantile(times, 0.5), 2),
        p95=round(_quantile(times, 0.95), 2),
        p99=round(_quantile(times, 0.99), 2),
        in_memory_p50=round(_quantile(again, 0.5), 2),
        right_first=round(right, 3),
        recall=round(
            await recall(
                pool, encoder, [e.id for e, _ in made], [text for _, text in asked[:COMPARED_WITH_EXACT]]
            ),
            4,
        ),
        load=load,
    )


def _quantile(ascending: Sequence[float], share: float) -> float:
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]


def as_markdown(rows: Sequence[Row]) -> str:
    """A table of the rows."""
    columns = {
        "entries": "entries",
        "phrasings": "phrasings",
        "written_s": "written, s",
        "p50": "search p50, ms",
        "p95": "p95, ms",
        "p99": "p99, ms",
        "in_memory_p50": "p50 when in memory, ms",
        "right_first": "right first",
        "recall": "recall@10",
        "load": "waiting for a core",
    }
    lines = [f"| {' | '.join(columns.values())} |", "|" + "---|" * len(columns)]
    lines += [f"| {' | '.join(_cell(getattr(row, name)) for name in columns)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: float | None) -> str:
    return "was there" if value is None else f"{value:,}"


def main() -> None:
    """Measure and print; `--write` keeps the figures in docs/figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="Entries, separated by commas.")
    parser.add_argument("--write", action="store_true", help="Write docs/figures/knowledge_speed.*")
    parser.add_argument("--keep", type=Path, help="Folder in which bases stay, and are found again.")
    arguments = parser.parse_args()
    encoder = load_encoder()
    rows = [uvloop.run(measure(int(size), encoder, arguments.keep)) for size in arguments.sizes.split(",")]
    print(as_markdown(rows))
    if arguments.write:
        write_figures(rows)


def write_figures(rows: Sequence[Row]) -> None:
    """docs/figures/knowledge_speed.{md,json,svg} and the index."""
    known = about({"questions": SEED}, [CONTENT], COMMAND)
    figures = {"about": known, "postgresql": OPTIONS, "rows": [asdict(row) for row in rows]}
    written_figures.write("knowledge_speed", Measured(figures=figures, markdown=as_markdown(rows) + LEGEND))
    svg = as_svg([(row.entries, row.p50, row.p95) for row in rows])
    (written_figures.FIGURES / "knowledge_speed.svg").write_text(svg, encoding="utf-8")
    written_figures.write_index()


if __name__ == "__main__":
    main()
