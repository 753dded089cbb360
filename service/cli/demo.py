"""`anxin demo`: the demo shop's orders and customers, to try the desk with."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any

import click

from desk.demo_kinds import KINDS
from desk.demo_listing import ListedCustomer, ListedOrder, list_demo_customers, list_demo_orders


@click.group(name="demo")
def command() -> None:
    """The demo shop's orders and customers."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(sorted(KINDS)),
    metavar="KIND",
    help="Only orders of this kind; may be repeated.",
)
@click.option(
    "--customer",
    "customers",
    multiple=True,
    metavar="ID",
    help="Only this customer's orders; may be repeated.",
)
def orders(as_json: bool, kinds: tuple[str, ...], customers: tuple[str, ...]) -> None:
    """List the demo orders, by kind: delivered, shipped, unshipped, foreign, old, custom, and many more.

    A kind is a row of the shop's policy. `customer` may ask about the order, `phone_tail` proves it; an order of
    kind foreign belongs to its `owner`, and `customer` must not see it.
    """
    found = [
        order
        for order in asyncio.run(_read_orders())
        if (not kinds or order.kind in kinds) and (not customers or order.customer in customers)
    ]
    if as_json:
        _print_lines([order.as_json() for order in found])
    else:
        _print_orders(found)


@command.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def customers(as_json: bool) -> None:
    """List the dozen customers to try, and what each is good for."""
    found = asyncio.run(_read_customers())
    if as_json:
        _print_lines([customer.as_json() for customer in found])
    else:
        _print_customers(found)


async def _read_orders() -> list[ListedOrder]:
    from psycopg_pool import AsyncConnectionPool

    async with AsyncConnectionPool(_url(), min_size=1, max_size=1, open=False) as pool:
        return await list_demo_orders(pool)


async def _read_customers() -> list[ListedCustomer]:
    from psycopg_pool import AsyncConnectionPool

    async with AsyncConnectionPool(_url(), min_size=1, max_size=1, open=False) as pool:
        return await list_demo_customers(pool)


def _url() -> str:
    """The URL of a database that answers; else one line and exit code 1."""
    import psycopg

    from service.cli.settings_problems import load_or_exit
    from service.database import resolve_url
    from service.postgres.places import DatabaseUnavailable

    settings = load_or_exit()
    try:
        url = resolve_url(settings)
        with psycopg.connect(url, connect_timeout=5) as conn:
            conn.execute("select from orders limit 1")
    except (DatabaseUnavailable, psycopg.Error) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    return url


def _print_lines(objects: Sequence[dict[str, Any]]) -> None:
    for told in objects:
        click.echo(json.dumps(told, ensure_ascii=False))


def _print_orders(found: Sequence[ListedOrder]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for heading in ("kind", "number", "customer", "phone", "state", "placed"):
        table.add_column(heading, no_wrap=True)
    table.add_column("¥", justify="right", no_wrap=True)
    table.add_column("first item", no_wrap=True, overflow="ellipsis")
    for o in found:
        placed = f"{o.placed_at:%m-%d %H:%M}"
        price = f"{o.total_cents / 100:.2f}"
        table.add_row(o.kind, o.number, o.customer, o.phone_tail, o.state, placed, price, o.title)
    Console().print(table)


def _print_customers(found: Sequence[ListedCustomer]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for heading in ("customer", "name", "VIP", "language", "good for", "orders"):
        table.add_column(heading)
    for customer in found:
        kinds = ", ".join(sorted({o.kind for o in customer.orders}))
        vip = "VIP" if customer.vip else ""
        table.add_row(customer.shop_id, customer.name, vip, customer.language, customer.what_for, kinds)
    Console().print(table)
