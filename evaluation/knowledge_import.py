"""Time of importing a large FAQ, killed half-way and gone on with: `python -m evaluation.knowledge_import [--entries N] [--write]`.

Questions are made up from a thousand things and ten actions, each with an answer, in English and Chinese. The process
is killed (SIGKILL) in the middle of its drafts; the same command then goes on. Times of the machine this ran on.
"""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from desk import schema
from evaluation import written_figures
from evaluation.measured_models import Measured, about
from service.postgres.embedded import EmbeddedPostgres

COMMAND_WRITE = "python -m evaluation.knowledge_import --write"
COMMAND = [sys.executable, "-c", "from service.cli import main; main()", "kb"]
ACTIONS = (
    ("怎么申请{}", "打开「我的{}」，点申请，填好后提交。"),
    ("{}丢了怎么办", "先在「我的{}」里挂失，再到服务台补办。"),
    ("{}多少钱", "{}的价格写在价目表上，以当天为准。"),
    ("可以取消{}吗", "可以，在「我的{}」里点取消。"),
    ("{}坏了找谁修", "把{}带到服务台，当场检查。"),
    ("How do I order the {}?", "Open My {} and press Order."),
    ("What does the {} cost?", "The price of the {} is on the list."),
    ("Where is my {} now?", "My {} shows where it is."),
    ("Can I change the {}?", "Yes, under My {}, until it is sent."),
    ("Who repairs a broken {}?", "Bring the {} to the desk."),
)
HEADS = ("red", "blue", "old", "new", "small", "large", "round", "quick", "quiet", "northern")
TAILS = ("lamp", "ticket", "folder", "bridge", "garden", "kettle", "engine", "carpet", "mirror", "ladder")
HAN_HEADS = ("红", "蓝", "旧", "新", "小", "大", "圆", "快", "静", "北")
HAN_TAILS = ("台灯", "车票", "文件夹", "渡轮", "花园", "水壶", "发动机", "地毯", "镜子", "梯子")


def write_faq(path: Path, entries: int) -> None:
    """That many questions with answers."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["question", "answer"])
        for n in range(entries):
            question, answer = ACTIONS[n % len(ACTIONS)]
            head, tail, series = (n // 10) % 10, (n // 100) % 10, n // 1000
            is_han = not question.isascii()
            names = (HAN_HEADS, HAN_TAILS) if is_han else (HEADS, TAILS)
            thing = f"{names[0][head]}{'' if is_han else ' '}{names[1][tail]}{'' if is_han else ' '}{_series(series)}"
            writer.writerow([question.format(thing), answer.format(thing)])


def _series(n: int) -> str:
    return "".join(chr(ord("A") + int(digit)) for digit in f"{n:03}")


def run_command(environment: dict[str, str], *arguments: str) -> tuple[float, str]:
    """Seconds and what was printed. Raises CalledProcessError."""
    started = time.perf_counter()
    done = subprocess.run([*COMMAND, *arguments], env=environment, capture_output=True, text=True, check=True)
    return time.perf_counter() - started, done.stdout


def killed_half_way(environment: dict[str, str], url: str, path: Path) -> tuple[float, int]:
    """Start the import, kill it in the middle of its drafts; seconds, and drafts that were there."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [*COMMAND, "import", str(path), "--publish"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    drafts = 0
    while process.poll() is None:
        with psycopg.connect(url) as conn:
            row = conn.execute("select done, total from knowledge_imports").fetchone()
        drafts = row[0] if row else 0
        if row and row[1] and drafts >= row[1] // 4:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        time.sleep(0.05)
    return time.perf_counter() - started, drafts


def measure(entries: int) -> dict[str, Any]:
    """All times, in seconds, in a database of its own that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="anxin-import-") as folder:
        server = EmbeddedPostgres(Path(folder) / "db")
        path = Path(folder) / "faq.csv"
        write_faq(path, entries)
        try:
            server.start()
            found: dict[str, Any] = {"entries": entries}
            for name in ("whole", "killed"):
                with psycopg.connect(server.url, autocommit=True) as conn:
                    conn.execute(f"create database {name}".encode())
                url = _database(server.url, name)
                schema.upgrade(url)
                environment = {**os.environ, "ANXIN_DATABASE_URL": url, "ANXIN_DATA": folder}
                if name == "whole":
                    found["import, publish and calibration"], printed = run_command(
                        environment, "import", str(path), "--publish"
                    )
                    found["the same file again"], _ = run_command(
                        environment, "import", str(path), "--publish"
                    )
                else:
                    found["until the kill"], found["drafts at the kill"] = killed_half_way(
                        environment, url, path
                    )
                    found["going on"], printed = run_command(environment, "import", str(path), "--publish")
                found[f"import alone ({name})"] = _seconds_of_import(url)
                found[f"published ({name})"] = _published(url)
                found[f"told ({name})"] = " ".join(printed.split()[-8:])
        finally:
            server.destroy()
    return {name: round(value, 1) if isinstance(value, float) else value for name, value in found.items()}


def _database(url: str, name: str) -> str:
    from psycopg.conninfo import make_conninfo

    return make_conninfo(url, dbname=name)


def _seconds_of_import(url: str) -> float:
    """Of the first one, from the file in the database to the publish; killed: with the pause between."""
    with psycopg.connect(url) as conn:
        row = conn.execute(
            "select extract(epoch from finished_at - at) from knowledge_imports order by at limit 1"
        ).fetchone()
    return float(row[0]) if row and row[0] is not None else -1.0


def _published(url: str) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute("select count(*) from knowledge_items where published is not null").fetchone()
    return int(row[0]) if row else 0


def write_figures(found: dict[str, Any]) -> None:
    """docs/figures/knowledge_import.{md,json} and the index."""
    known = about({}, [Path(__file__)], COMMAND_WRITE)
    table = "\n".join(["| | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in found.items())])
    figures = {"about": known, **found}
    written_figures.write(
        "knowledge_import", Measured(figures=figures, markdown=f"{table}\n\nTimes in seconds.\n")
    )
    written_figures.write_index()


def main(arguments: Sequence[str]) -> None:
    """Print the times, or one JSON object."""
    entries = int(arguments[arguments.index("--entries") + 1]) if "--entries" in arguments else 10_000
    found = measure(entries)
    if "--write" in arguments:
        write_figures(found)
    if "--json" in arguments:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main(sys.argv[1:])
