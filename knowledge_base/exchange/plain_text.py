"""Formatting of other systems taken off answers: HTML of an editor becomes plain text, what could run stays to be refused."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_TAG = re.compile(
    r"</?(?:p|br|div|span|b|strong|i|em|u|ul|ol|li|a|h[1-6]|table|tbody|thead|tr|td|th|img|font|blockquote|hr|sub|sup|small|section)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_RUNS = re.compile(
    r"<\s*/?(?:script|style|iframe|object|embed|svg|form|input|link|meta|base)|javascript:|\son\w+\s*=",
    re.IGNORECASE,
)
_BLOCKS = frozenset(
    {"p", "div", "ul", "ol", "table", "tr", "blockquote", "section", "hr", *(f"h{n}" for n in range(1, 7))}
)


def without_formatting(text: str) -> str:
    """Tags of mere formatting become line ends and dashes, links keep their address. A text that holds anything that
    a browser could run is left as it is, and checking.py refuses it."""
    if not _TAG.search(text) or _RUNS.search(text):
        return text
    reader = _Reader()
    reader.feed(text)
    reader.close()
    lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._address = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "br" or tag in _BLOCKS:
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag == "a":
            address = given.get("href") or ""
            self._address = address if address.startswith(("http://", "https://", "mailto:", "tel:")) else ""
        elif tag == "img":
            self.parts.append(given.get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")
        elif tag == "a" and self._address:
            said = self._address.partition(":")[2] if not self._address.startswith("http") else self._address
            if not "".join(self.parts).endswith(said):
                self.parts.append(f" ({said})")
            self._address = ""

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
