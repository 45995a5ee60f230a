"""No page of ours is heavy: its document with every script, style and picture of ours that a first view loads, as they
go over the wire (ux.md, "Gates"; docs/evidence.md has what Chromium loaded).
"""

from __future__ import annotations

import gzip
import re

import pytest

from idp.foundation.web.assets import assets_by_name
from tests.screens.preview import SCENES, Scene

HEAVIEST = 30 * 1024
"""Bytes."""
LANGUAGES = ("en", "de", "ar", "th", "hi", "ja")
"""Long words, and letters of two and three bytes."""
_LOADED = re.compile(r"""(?:src|href)=["']?([^"'\s>]+)""")
_NAMED = re.compile(r"""url\(["']?([^"')]+)""")


def packed(content: bytes) -> int:
    """Bytes of it on the wire."""
    return len(gzip.compress(content, 6))


def weight(scene: Scene, language: str) -> int:
    """Bytes of a first view. What a page links to without loading it is among the addresses, and no asset."""
    by_url = {asset.url: asset.content for asset in assets_by_name().values()}
    html = scene.render(language)
    loaded, looked_at = {url for url in _LOADED.findall(html) if url in by_url}, set[str]()
    while loaded - looked_at:  # styles load fonts and pictures, scripts other scripts
        url = min(loaded - looked_at)
        looked_at.add(url)
        text = by_url[url].decode("utf-8", "replace")
        loaded |= {each for each in _NAMED.findall(text) if each in by_url}
    assert bool(loaded) == ("stylesheet" in html), "what is linked is found"
    return packed(html.encode()) + sum(packed(by_url[url]) for url in loaded)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_view_of_every_page_is_light(language: str) -> None:
    heavy = {scene.name: weight(scene, language) for scene in SCENES}
    print(max(heavy.items(), key=lambda each: each[1]))
    assert {name: each for name, each in heavy.items() if each > HEAVIEST} == {}
