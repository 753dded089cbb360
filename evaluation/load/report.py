"""The report of a run as tables for the terminal and as docs/figures/chat.md beside chat.json."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = tuple[str, ...]
HEADINGS = ("ms", "n", "min", "p50", "p95", "p99", "max")
LATE_MS = 5.0
"""A generator that wakes this late at p95 shapes what it measures."""
KEPT_FROM = "## What was done about the bottleneck"
"""The part of the page that people write and a new run keeps."""

LANES = {
    "knowledge_base": "bot turn, knowledge base (fast lane)",
    "rasa": "bot turn, through Rasa",
    "rasa_with_order": "bot turn, Rasa and an order looked up",
}
CHAT = {
    "ack_ms": "acknowledged, customer's message",
    "customer_to_agent_ms": "customer → agent's console",
    "agent_ack_ms": "acknowledged, agent's reply",
    "agent_to_customer_ms": "agent → customer",
}


def duration_rows(report: Mapping[str, Any]) -> list[Row]:
    """One row for each measured duration."""
    rows = [*_chat_rows("at rest: ", report["rest"])]
    rows += [_row(f"at rest: {LANES[name]}", lane["turn_ms"]) for name, lane in report["bot"].items()]
    rows += _chat_rows(f"{report['load']['customers']} customers, 1/s: ", report["load"])
    for step in report["saturation"]:
        rows += [*_chat_rows(f"saturated, {step['customers']} × {step['in_flight']}: ", step)][:2]
    return rows


def throughput_rows(report: Mapping[str, Any]) -> list[Row]:
    """Messages a second, errors, batches, CPU and the generator's own state, for each phase."""
    return [_throughput_row(name, phase) for name, phase in phases_of(report)]


THROUGHPUT_HEADINGS = (
    "phase",
    "messages/s",
    "errors",
    "undelivered",
    "per journal sync",
    "CPU s/1,000: service",
    "Rasa",
    "PostgreSQL",
    "generator: cores",
    "late p95 ms",
)


def memory_rows(report: Mapping[str, Any]) -> list[Row]:
    """MB by part, at rest and after everything."""
    rest, after = report["memory_at_rest"], report["memory_after"]
    rows: list[Row] = [
        (
            part,
            str(rest[part]["processes"]),
            *(_number(m[part][k]) for m in (rest, after) for k in ("pss_mb", "rss_mb")),
        )
        for part in rest
        if part in after
    ]
    if rows:
        sums = [sum(m[part]["pss_mb"] or 0 for part in rest if part in after) for m in (rest, after)]
        rows.append(("all", "", _number(sums[0]), "", _number(sums[1]), ""))
    return rows


MEMORY_HEADINGS = ("part", "processes", "PSS at rest", "RSS at rest", "PSS after", "RSS after")


def phases_of(report: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The phases between customers and agents, with their names."""
    yield "at rest", report["rest"]
    yield f"{report['load']['customers']} customers, 1/s", report["load"]
    for step in report["saturation"]:
        yield f"saturated, {step['customers']} × {step['in_flight']}", step


def warnings(report: Mapping[str, Any]) -> list[str]:
    """What makes figures worth less."""
    found = [
        f"{name}: the generator itself was late (p95 {phase['generator']['late_ms']['p95']:.1f} ms), its times are too long."
        for name, phase in phases_of(report)
        if phase["generator"]["late_ms"].get("p95", 0) > LATE_MS
    ]
    durability = report["durability"]
    if durability is None:
        found.append("Whether the database syncs is not known: it is not this machine's.")
    elif (durability["fsync"], durability["synchronous_commit"]) != ("on", "on"):
        found.append(
            "The database does not sync before it acknowledges: these figures are not of a durable desk."
        )
    load, cores = report["machine"]["load_before"], report["machine"]["cores"]
    if load > 0.5 * cores:
        found.append(f"The machine was busy before the run (load {load} on {cores} cores).")
    return found


def print_report(report: Mapping[str, Any]) -> None:
    """Tables and warnings."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    console.width = max(console.width, 150)
    tables = (
        (HEADINGS, duration_rows(report)),
        (THROUGHPUT_HEADINGS, throughput_rows(report)),
        (tuple(f"MB: {h}" if n == 0 else h for n, h in enumerate(MEMORY_HEADINGS)), memory_rows(report)),
    )
    for headings, rows in tables:
        table = Table(box=None, header_style="bold")
        for index, heading in enumerate(headings):
            table.add_column(heading, justify="right" if index else "left", no_wrap=True)
        for row in rows:
            table.add_row(*row)
        console.print(table)
        console.print()
    for line in (*_circumstances(report), *warnings(report)):
        console.print(line, soft_wrap=True)


def write_figures(report: Mapping[str, Any], folder: Path) -> None:
    """chat.json and chat.md; what people wrote from KEPT_FROM on stays."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "chat.md"
    kept = f"{KEPT_FROM}\n\nNothing yet.\n"
    if page.exists() and KEPT_FROM in (old := page.read_text(encoding="utf-8")):
        kept = old[old.index(KEPT_FROM) :]
    (folder / "chat.json").write_text(
        json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    page.write_text(_page(report) + "\n" + kept, encoding="utf-8")


def _page(report: Mapping[str, Any]) -> str:
    best = max(report["saturation"], key=lambda s: float(s["messages_per_s"]))
    lines = [
        "# The chat in figures",
        "",
        f"Measured {report['measured_at']} by `{report['command']}`; all figures are in [chat.json](chat.json). "
        "The generator is a process of its own on the same machine and talks over real WebSockets, as pages do.",
        "",
        *(f"- {line}" for line in _circumstances(report)),
        *(f"- **{line}**" for line in warnings(report)),
        "",
        "## Against the mark",
        "",
        *_table(("", "Anxin", "LiveHelperChat¹"), _comparison(report, best)),
        "",
        "¹ LiveHelperChat on nginx, PHP and MariaDB with equal durability (every message on disk before it is acknowledged). "
        "**This column was measured elsewhere**, on a machine like this one and not in the same run; take it as a mark, not as a race.",
        "",
        "## Durations",
        "",
        "From the moment the generator sends to the moment the frame is back at its socket, one monotonic clock for both sides. "
        f"A bot turn counts from the end of the fragment window ({report['fragment_window_s']:g} s after the message was sent).",
        "",
        *_table(HEADINGS, duration_rows(report)),
        "",
        "## Throughput and what it costs",
        "",
        "Messages of both sides that were acknowledged. Every customer's message is also delivered to the agent's console and "
        "back to the customer's own pages; agents read along.",
        "",
        *_table(THROUGHPUT_HEADINGS, throughput_rows(report)),
        "",
        "## Memory",
        "",
        "In MB (10⁶ bytes). RSS counts shared memory in each process that maps it, PSS splits it; only PSS adds up.",
        "",
        *_table(MEMORY_HEADINGS, memory_rows(report)),
        "",
    ]
    return "\n".join(lines)


def _comparison(report: Mapping[str, Any], best: Mapping[str, Any]) -> list[Row]:
    rest, load = report["rest"], report["load"]
    fast = report["bot"].get("knowledge_base", {}).get("turn_ms", {})
    memory = memory_rows(report)
    return [
        ("acknowledged at rest, p50 (p95), ms", _two(rest["ack_ms"]), "2.6 (3.0)"),
        ("acknowledged at load, p50 (p95), ms", _two(load["ack_ms"]), "4.6"),
        ("messages/s", _number(best["messages_per_s"]), "about 800"),
        (
            "in the agent's hands, p50 (p95), ms",
            _two(rest["customer_to_agent_ms"]),
            "8 where asked at once; 2,200 by its polling",
        ),
        ("answer of the bot, p50 (p95), ms", _two(fast), "8 (keyword bot)"),
        ("memory in all, MB", f"{memory[-1][2]} (PSS, Rasa included)" if memory else "—", "150"),
    ]


def _circumstances(report: Mapping[str, Any]) -> list[str]:
    machine, durability, disk = report["machine"], report["durability"], report["disk_sync_ms"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    lines = [
        f"Machine: {machine['cores']} cores ({machine['cpu']}), {machine['ram_gb']} GB, {machine['system']}; "
        f"load before the run {machine['load_before']}; seed {report['plan']['seed']}; the run took {report['took_s']} s.",
        f"Versions: {versions}.",
    ]
    if durability is not None:
        lines.append(
            f"PostgreSQL {durability['server_version']}: fsync {durability['fsync']}, "
            f"synchronous_commit {durability['synchronous_commit']}, full_page_writes {durability['full_page_writes']}, "
            f"wal_sync_method {durability['wal_sync_method']}."
        )
    if disk is not None:
        lines.append(
            f"The disk takes {disk['p50']:.2f} ms (p95 {disk['p95']:.2f}) to write 8 KB and sync them."
        )
    return lines


def _chat_rows(prefix: str, phase: Mapping[str, Any]) -> Iterator[Row]:
    for key, name in CHAT.items():
        if phase[key]["n"]:
            yield _row(prefix + name, phase[key])


def _row(name: str, shown: Mapping[str, Any]) -> Row:
    values = (f"{shown[k]:.2f}" if k in shown else "—" for k in HEADINGS[2:])
    return (name, str(shown["n"]), *values)


def _throughput_row(name: str, phase: Mapping[str, Any]) -> Row:
    cpu, generator = phase["cpu_s_per_1000_messages"], phase["generator"]
    syncs = phase["database"].get("journal_syncs")
    return (
        name,
        _number(phase["messages_per_s"]),
        f"{phase['error_share']:.2%}",
        str(phase["undelivered"]),
        f"{phase['acknowledged'] / syncs:.1f}" if syncs else "—",
        *(f"{cpu[part]:.2f}" if part in cpu else "—" for part in ("service", "rasa", "postgresql")),
        f"{generator['cpu_share']:.2f}",
        f"{generator['late_ms'].get('p95', 0):.2f}",
    )


def _two(shown: Mapping[str, Any]) -> str:
    return f"{shown['p50']:.1f} ({shown['p95']:.1f})" if shown.get("n") else "—"


def _number(value: float | int | None) -> str:
    return "—" if value is None else f"{value:,.0f}"


def _table(headings: Sequence[str], rows: Sequence[Row]) -> list[str]:
    rule = "|".join("---" if index == 0 else "---:" for index in range(len(headings)))
    return [f"| {' | '.join(headings)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)]
