"""QR codes as pictures in a page: SVG, dark on white in every theme, so that cameras read them."""

from __future__ import annotations

from markupsafe import Markup

MARGIN, SCALE = 4, 5
"""Modules around it, and pixels of one."""


def svg(text: str) -> Markup:
    """The picture as an ``svg`` element, drawn by segno (imported with the first one)."""
    import segno

    drawn: str = segno.make(text, error="m", micro=False).svg_inline(
        scale=SCALE, border=MARGIN, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
    return Markup(drawn)  # noqa: S704 - numbers and commands of a path, whatever the text says
