"""Who sent a request: the peer's address, or what a trusted reverse proxy says.

X-Forwarded-For counts only as far as it was written by proxies named in service.trusted_proxies.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from aiohttp import web

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_networks(addresses: Sequence[str]) -> tuple[Network, ...]:
    """Addresses or networks (10.0.0.0/8) as written in the settings; ValueError where one is neither."""
    return tuple(ipaddress.ip_network(a, strict=False) for a in addresses)


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """True when the address lies in one of the networks; False for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return any((mapped or parsed) in network for network in networks)


def client_address(peer: str | None, forwarded: str, trusted: Sequence[Network]) -> str:
    """The nearest address that is not a trusted proxy, read from the right of X-Forwarded-For."""
    address = peer or "unknown"
    for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not is_within(address, trusted):
            break
        try:
            ipaddress.ip_address(hop)
        except ValueError:
            break
        address = hop
    return address


def address_of(request: web.Request, trusted: Sequence[Network]) -> str:
    """The client's address of this request."""
    return client_address(request.remote, ",".join(request.headers.getall("X-Forwarded-For", [])), trusted)
