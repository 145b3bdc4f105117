"""A recording as one HTML page that works from disk: no server, no network, no build.

The page is made of the plain modules in `page/`. They travel inside it as `data:` addresses named
by an import map, so that `import ... from "page/dom.js"` means the same here as in the sources.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from .cards import cards

__all__ = ["frame", "page"]

FOLDER = Path(__file__).parent / "page"
LICENSES = {"vendor/dagre.esm.js": "vendor/dagre.legal.txt"}


def page(recording: Mapping[str, Any], title: str) -> str:
    """The whole page as text. `recording` is the plain data that docs/trace_schema.md describes."""
    recording = {**recording, "cards": cards(recording)}
    parts = {
        "title": escape(title),
        "style": read("style.css"),
        "recording": as_script(recording),
        "modules": as_script({"imports": modules()}),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], read("index.html"))


def frame(html: str, height: int = 900) -> str:
    """The page inside a notebook's cell: a frame of its own, which cannot reach the notebook."""
    return (
        f'<iframe srcdoc="{escape(html)}" sandbox="allow-scripts" title="Tadori trace" '
        f'style="width:100%;height:{height}px;border:1px solid #ccc;border-radius:6px"></iframe>'
    )


@cache
def read(name: str) -> str:
    """A file of the page."""
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def modules() -> dict[str, str]:
    """Every module of the page as an address that holds it."""
    files = sorted(FOLDER.rglob("*.js"))
    names = [file.relative_to(FOLDER).as_posix() for file in files]
    return {f"page/{name}": address(name) for name in names}


def address(name: str) -> str:
    """A module as an address, after the licence that it must carry along."""
    before = read(LICENSES[name]) if name in LICENSES else ""
    text = f"{before}{read(name)}\n//# sourceURL=page/{name}\n"  # a short name in error messages
    for sign, code in (("%", "%25"), ("#", "%23"), ("\n", "%0A")):
        text = text.replace(sign, code)
    return f"data:text/javascript;charset=utf-8,{text}"


def as_script(data: Any) -> str:
    """JSON that stands inside a <script>: no text in it can end the element or open a comment.

    NaN and infinities become words; the page's reader knows them.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
