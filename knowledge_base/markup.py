"""Finds what a browser could run in a text that is meant to be plain: tags, script links, event handlers.

Only disguises that a browser takes off count: case, entities, NUL and the control characters it skips in addresses.
Pages show answers as text anyway; this keeps such text from ever being published.
"""

from __future__ import annotations

import html
import re

import nh3

_SKIPPED = re.compile(r"[\x00-\x1f\x7f]")
"""Browsers drop tabs and line ends inside an address, and some have dropped NUL anywhere (URL standard, 4.4)."""
_ACTIVE = re.compile(
    r"<[a-z/!?][^<]{0,30}"  # where the HTML tokenizer leaves text (HTML standard, 13.2.5.6)
    r"|(?:javascript|vbscript)\s{0,3}:"
    r"|data:(?:(?:text|image|audio|video|font|application|multipart|message|model)/|[;,])"
    r"|(?<![a-z])on[a-z]{3,24}\s{0,5}=",
    re.IGNORECASE,
)
_SHOWN = 40
"""Characters that are told where only the sanitiser sees something."""
_DECODED_AT_MOST = 3
"""Text that is decoded twice on its way to a page shows up at the second decoding; more than that nobody does."""


def active_markup(text: str) -> str | None:
    """The first piece of markup, script link or event handler in `text`, None where there is none."""
    for _ in range(_DECODED_AT_MOST):
        bare = _SKIPPED.sub("", text)
        if found := _ACTIVE.search(bare):
            return found.group()
        if nh3.is_html(bare):  # the parser of a sanitiser, for what our own eyes miss
            return bare[:_SHOWN]
        decoded = html.unescape(text)
        if decoded == text:
            return None
        text = decoded
    return None
