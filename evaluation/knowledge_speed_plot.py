"""A small picture of growth: entries on a logarithmic axis, milliseconds on a linear one."""

from __future__ import annotations

import math
from collections.abc import Sequence

WIDTH, HEIGHT, LEFT, BOTTOM = 640, 320, 56, 44
INK, SERIES = "#5b6470", ("#2f6fde", "#d9622b")


def as_svg(points: Sequence[tuple[int, float, float]]) -> str:
    """`points` are entries, p50 and p95 in milliseconds, at least one."""
    top = max(15.0, max(p95 for _, _, p95 in points)) * 1.1
    low, high = math.log10(points[0][0]), max(math.log10(points[-1][0]), math.log10(points[0][0]) + 1)

    def x(entries: float) -> float:
        return LEFT + (math.log10(entries) - low) / (high - low) * (WIDTH - LEFT - 70)

    def y(milliseconds: float) -> float:
        return HEIGHT - BOTTOM - milliseconds / top * (HEIGHT - BOTTOM - 20)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" '
        f'font-size="12" fill="{INK}"><title>Search time as a base grows</title>'
    ]
    for tick in range(0, int(top) + 1, 5):
        parts.append(f'<path d="M{LEFT} {y(tick):.1f}H{WIDTH - 70}" stroke="{INK}" stroke-opacity=".2"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick} ms</text>')
    for entries, _, _ in points:
        parts.append(
            f'<text x="{x(entries):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{entries:,}</text>'
        )
    for n, name in ((1, "p50"), (2, "p95")):
        line = " ".join(f"{x(point[0]):.1f},{y(point[n]):.1f}" for point in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{SERIES[n - 1]}" stroke-width="2"/>')
        parts.append(
            f'<text x="{WIDTH - 62}" y="{y(points[-1][n]) + 4:.1f}" fill="{SERIES[n - 1]}">{name}</text>'
        )
    parts.append(
        f'<text x="{(WIDTH - 14) / 2}" y="{HEIGHT - 6}" text-anchor="middle">entries, eight phrasings each</text></svg>'
    )
    return "\n".join(parts) + "\n"
