"""Rate limits, client addresses and what the logs refuse."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from service.http.client_address import client_address, parse_networks
from service.http.errors import TooFast, code_of, error_json, invalid_field
from service.http.rate_limits import Buckets, OpenSockets
from service.logs import refuse_personal_data, trace_without_messages

TRUSTED = parse_networks(["10.0.0.1", "192.168.0.0/16"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("1.2.3.4", "", "1.2.3.4"),
        ("1.2.3.4", "9.9.9.9", "1.2.3.4"),  # an untrusted peer may write what it likes
        ("10.0.0.1", "9.9.9.9", "9.9.9.9"),
        ("10.0.0.1", "6.6.6.6, 9.9.9.9", "9.9.9.9"),  # the left one is the client's own invention
        ("10.0.0.1", "9.9.9.9, 192.168.3.4", "9.9.9.9"),
        ("10.0.0.1", "not-an-address", "10.0.0.1"),
        ("::ffff:10.0.0.1", "9.9.9.9", "9.9.9.9"),
        (None, "", "unknown"),
    ],
)
def test_the_address_is_the_nearest_one_that_is_no_trusted_proxy(
    peer: str | None, forwarded: str, expected: str
) -> None:
    assert client_address(peer, forwarded, TRUSTED) == expected


def test_a_burst_may_be_spent_at_once_and_refills_evenly() -> None:
    now = 0.0
    buckets = Buckets(what="things", burst=3, per_s=0.5, clock=lambda: now)
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(TooFast) as refused:
        buckets.take("a")
    assert refused.value.retry_after_s == 2
    buckets.take("b")
    now = 2.0
    buckets.take("a")
    with pytest.raises(TooFast):
        buckets.take("a")


def test_buckets_do_not_grow_without_bound() -> None:
    buckets = Buckets(what="things", burst=1, per_s=1, most=10)
    for n in range(1000):
        buckets.take(str(n))
    assert len(buckets) == 10


def test_an_address_holds_only_so_many_sockets() -> None:
    sockets = OpenSockets(2)
    assert [sockets.enter("a") for _ in range(3)] == [True, True, False]
    sockets.leave("a")
    assert sockets.enter("a")


def test_logs_refuse_personal_data_at_any_depth_and_say_so() -> None:
    event = {
        "event": "x",
        "text": "marker",
        "details": {"Phone": "marker", "seq": 1},
        "rows": [{"name": "marker"}],
    }
    kept = refuse_personal_data(None, "info", event)
    assert "marker" not in str(kept)
    assert kept["refused_keys"] == ["Phone", "name", "text"] and kept["details"] == {"seq": 1}


def test_traces_say_where_and_what_kind_but_not_the_message() -> None:
    try:
        raise ValueError("Failing row contains (marker)")
    except ValueError as error:
        event = trace_without_messages(None, "error", {"event": "x", "exc_info": error})
    assert event["error"] == "ValueError" and "test_http_edges" in str(event["trace"])
    assert "marker" not in str(event)


def test_what_nobody_expected_is_internal_and_says_nothing() -> None:
    error = KeyError("marker")
    assert code_of(error) == "internal"
    assert "marker" not in str(error_json(error, "id-1"))


class _Figure(BaseModel):
    value: Annotated[int, Field(ge=0)] | list[Annotated[int, Field(ge=0)]]
    texts: dict[Literal["en", "zh-Hans"], str] = {}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"value": None}, "value"),
        ({"value": 1, "texts": {"fr": "bonjour"}}, "texts.fr"),
        ({"value": 1, "texts": {"en": None}}, "texts.en"),
    ],
)
def test_a_refused_field_is_named_as_it_was_sent(sent: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        _Figure.model_validate(sent)
    assert invalid_field(refused.value).field == field
