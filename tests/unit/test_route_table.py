"""The route table: a route without a rule fails at start, and the documents say what the table says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from service.http.access import (
    ADMIN,
    ADMIN_READS,
    CUSTOMER,
    DESK,
    KNOWLEDGE,
    KNOWLEDGE_READS,
    KNOWLEDGE_SUPERVISES,
    PUBLIC,
    SIGNED_IN,
    Access,
)
from service.http.calls import Call
from service.http.errors import STATUS_OF_CODE
from service.http.openapi import describe
from service.http.route import Route, RouteTableError, check
from service.http.route_table import CUSTOMER_ROUTES, routes
from service.metrics import Metrics

DOCS = Path(__file__).parents[2] / "docs"
RULES = {
    "POST /api/session": PUBLIC,
    "POST /api/chat/conversations": PUBLIC,
    "POST /api/knowledge/search": KNOWLEDGE_READS,
    "POST /api/knowledge/would-say": KNOWLEDGE_READS,
    "PUT /api/knowledge/calibration": KNOWLEDGE_SUPERVISES,
    "GET /api/demo/plays/{id}": CUSTOMER,
    "POST /api/demo/plays/{id}/time": CUSTOMER,
}
SECTIONS = {
    "Customer": (CUSTOMER, CUSTOMER),
    "People": (SIGNED_IN, SIGNED_IN),
    "Desk": (DESK, DESK),
    "Knowledge": (KNOWLEDGE_READS, KNOWLEDGE),
    "Admin": (ADMIN_READS, ADMIN),
    "Demo mode only": (PUBLIC, PUBLIC),
}
"""Who may read and who may write."""


async def no_socket(call: Call):
    raise AssertionError("the table is only read here, no socket is opened")


TABLE = routes(is_demo=True, version="0", customer_socket=no_socket, agent_socket=no_socket)


def documented() -> dict[str, str]:
    """`METHOD /path` of each row of rest.md, with its section."""
    found = {}
    for section in re.split(r"^## ", (DOCS / "api" / "rest.md").read_text("utf-8"), flags=re.M)[1:]:
        title = section.splitlines()[0]
        for row in re.findall(r"^\| (`.+?) \|", section, flags=re.M):
            first, *others = re.findall(r"`([^`]+)`", row)
            method, path = first.split("?")[0].split(" ")
            found[f"{method} {path}"] = title
            for other in others:
                same = f"{path.rsplit('/', 1)[0]}{other}" if other.startswith("/") else None
                found[f"{method} {same}" if same else other] = title
    return found


def test_a_route_without_a_rule_fails_at_start() -> None:
    with pytest.raises(RouteTableError, match="no rule says who may call it"):
        check([replace(CUSTOMER_ROUTES[0], access=None)])


@pytest.mark.parametrize(
    "broken",
    [
        (replace(CUSTOMER_ROUTES[0], access=Access(kind="people")),),
        (replace(CUSTOMER_ROUTES[0], access=CUSTOMER),),
        (CUSTOMER_ROUTES[0], CUSTOMER_ROUTES[0]),
        (replace(CUSTOMER_ROUTES[0], errors=("no_such_code",)),),
    ],
)
def test_other_mistakes_fail_as_well(broken: tuple[Route, ...]) -> None:
    with pytest.raises(RouteTableError):
        check(broken)


def test_the_document_lists_exactly_the_routes_of_the_table() -> None:
    in_table = {f"{r.method} {r.path}" for r in TABLE if r.path.startswith("/api/")}
    assert set(documented()) == in_table - {"GET /api/openapi.json", "GET /api/docs"}


def test_the_document_and_the_table_agree_on_who_may() -> None:
    sections = documented()
    for route in TABLE:
        name = f"{route.method} {route.path}"
        if name not in sections or route.kind == "socket":
            continue
        title = next(t for t in SECTIONS if sections[name].startswith(t))
        reads, writes = SECTIONS[title]
        expected = RULES.get(name) or (reads if route.method == "GET" else writes)
        assert route.access == expected, name
        assert route.demo_only is (title == "Demo mode only"), name


def test_the_document_lists_exactly_the_codes_and_statuses() -> None:
    text = (DOCS / "api" / "errors.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| (\w+) \| (\d+) \|", text, flags=re.M))
    assert {code: int(status) for code, status in rows.items()} == dict(STATUS_OF_CODE)


def test_the_document_lists_exactly_the_metrics() -> None:
    text = (DOCS / "operations" / "metrics.md").read_text("utf-8")
    assert sorted(re.findall(r"^\| `(\w+)` \|", text, flags=re.M)) == Metrics().names()


def test_outside_demo_mode_no_demo_route_is_in_the_table() -> None:
    table = routes(is_demo=False, version="0", customer_socket=no_socket, agent_socket=no_socket)
    assert not [route for route in table if route.demo_only]


def test_every_reference_of_the_description_leads_somewhere() -> None:
    description = describe([r for r in TABLE if r.kind == "api"], version="0")
    names = set(re.findall(r"#/components/schemas/(\w+)", str(description)))
    assert names and names <= set(description["components"]["schemas"])


def test_operations_have_names_of_their_own() -> None:
    description = describe([r for r in TABLE if r.kind == "api"], version="0")
    ids = [o["operationId"] for methods in description["paths"].values() for o in methods.values()]
    assert len(ids) == len(set(ids))
