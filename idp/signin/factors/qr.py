"""QR codes as pictures in a page: SVG, dark on white in every theme, so that cameras read them."""

from __future__ import annotations

MARGIN, SCALE = 4, 5
"""Modules around it, and pixels of one."""


def svg(text: str) -> str:
    """The picture as an ``svg`` element, drawn by segno (imported with the first one)."""
    import segno

    drawn: str = segno.make(text, error="m", micro=False).svg_inline(
        scale=SCALE, border=MARGIN, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
    return drawn
