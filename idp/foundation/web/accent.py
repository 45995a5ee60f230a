"""A tenant's colour, made readable: from any colour come fills, lines and text colours that keep their contrast.

Contrast is WCAG 2.2's ratio: 4.5 for text (1.4.3), 3 for the edges of controls and the focus ring (1.4.11), measured
against the grounds of ``static/gate.css``. Lightness is moved in OKLCH, so that the hue stays the tenant's.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

TEXT_CONTRAST: Final = 4.5
CONTROL_CONTRAST: Final = 3.0
_MARGIN: Final = 1.02
"""Rounding to eight bits a channel must not cost the last hundredth."""

_STEP: Final = 0.01
_HEX: Final = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")

Linear: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Oklch:
    """Lightness 0-1, chroma, hue in degrees (CSS Color 4)."""

    lightness: float
    chroma: float
    hue: float


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one theme that an accent must stand out from."""

    ground: Oklch
    surface: Oklch
    dark: bool


LIGHT: Final = Theme(ground=Oklch(0.967, 0.006, 95), surface=Oklch(0.995, 0.002, 95), dark=False)
DARK: Final = Theme(ground=Oklch(0.178, 0.012, 215), surface=Oklch(0.222, 0.014, 215), dark=True)


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _from_linear(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def parse_hex(colour: str) -> str | None:
    """``#rrggbb`` in lower case from ``#rgb`` or ``#rrggbb``; None for anything else."""
    if not (match := _HEX.fullmatch(colour.strip())):
        return None
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def _linear_of_hex(colour: str) -> Linear:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return _to_linear(red), _to_linear(green), _to_linear(blue)


def _linear_of_oklch(colour: Oklch) -> Linear:
    """OKLCH to linear sRGB (Ottosson's matrices); values outside 0-1 are out of gamut."""
    a = colour.chroma * math.cos(math.radians(colour.hue))
    b = colour.chroma * math.sin(math.radians(colour.hue))
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def to_oklch(colour: str) -> Oklch:
    """A ``#rrggbb`` colour in OKLCH."""
    red, green, blue = _linear_of_hex(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def to_hex(colour: Oklch) -> str:
    """The nearest ``#rrggbb``: chroma gives way until the colour fits sRGB."""
    chroma = colour.chroma
    linear = _linear_of_oklch(colour)
    while chroma > 0 and any(not -0.0005 <= channel <= 1.0005 for channel in linear):
        chroma = max(0.0, chroma - 0.004)
        linear = _linear_of_oklch(Oklch(colour.lightness, chroma, colour.hue))
    return "#" + "".join(f"{round(_from_linear(min(max(channel, 0), 1)) * 255):02x}" for channel in linear)


def _luminance(colour: str) -> float:
    red, green, blue = _linear_of_hex(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two ``#rrggbb`` colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _moved(colour: Oklch, step: float, backgrounds: tuple[str, ...], ratio: float) -> str:
    """The colour, moved in lightness no further than it must be to keep ``ratio`` against every background."""
    candidate = to_hex(colour)
    lightness = colour.lightness
    while min(contrast(candidate, each) for each in backgrounds) < ratio * _MARGIN and 0 <= lightness <= 1:
        lightness += step
        candidate = to_hex(Oklch(min(max(lightness, 0), 1), colour.chroma, colour.hue))
    return candidate


def _standing_out(colour: Oklch, theme: Theme, ratio: float) -> str:
    return _moved(colour, _STEP if theme.dark else -_STEP, (to_hex(theme.ground), to_hex(theme.surface)), ratio)


@lru_cache(maxsize=1024)
def readable(colour: str, backgrounds: tuple[str, ...], ratio: float) -> str:
    """The ``#rrggbb`` colour itself where it keeps ``ratio`` against every background, else the nearest one of its hue
    that does; black or white where none of its hue can.
    """
    if all(contrast(colour, each) >= ratio for each in backgrounds):
        return colour
    away = max(("#000000", "#ffffff"), key=lambda ink: min(contrast(ink, each) for each in backgrounds))
    moved = _moved(to_oklch(colour), _STEP if away == "#ffffff" else -_STEP, backgrounds, ratio)
    return moved if min(contrast(moved, each) for each in backgrounds) >= ratio else away


@dataclass(frozen=True, slots=True)
class Accent:
    """An accent's colours in one theme, each ``#rrggbb``."""

    fill: str
    hover: str
    line: str
    on_fill: str
    text: str
    door: str
    """The lighter tone of the gate mark; decoration."""

    def properties(self) -> Mapping[str, str]:
        """As the custom properties of ``static/gate.css``."""
        return {
            "--accent": self.fill,
            "--accent-hover": self.hover,
            "--accent-line": self.line,
            "--on-accent": self.on_fill,
            "--accent-text": self.text,
            "--door": self.door,
        }


OWN_LIGHT: Final = Accent(
    fill="#085c5c", hover="#074c4d", line="#085c5c", on_fill="#ffffff", text="#085c5c", door="#d6963b"
)
"""The product's own accent in the light theme, where a sheet's custom properties do not reach: in mails."""


def _accent(colour: Oklch, theme: Theme) -> Accent:
    # On dark grounds a dark brand colour is lifted; on light ones a pale fill stays the brand's and its edge gets
    # darker.
    fill = _standing_out(colour, theme, CONTROL_CONTRAST) if theme.dark else to_hex(colour)
    if contrast("#ffffff", fill) >= CONTROL_CONTRAST:  # near enough to white text: a shade darker keeps its character
        fill, on_fill = _moved(to_oklch(fill), -_STEP, ("#ffffff",), TEXT_CONTRAST), "#ffffff"
    else:
        on_fill = "#000000"
    shade = to_oklch(fill)
    away = -0.05 if shade.lightness > 0.25 else 0.08
    hover = to_hex(Oklch(shade.lightness + away, shade.chroma, shade.hue))
    text = _standing_out(colour, theme, TEXT_CONTRAST)
    tone = to_oklch(text)
    return Accent(
        fill=fill,
        hover=hover,
        line=_standing_out(colour, theme, CONTROL_CONTRAST),
        on_fill=on_fill,
        text=text,
        door=to_hex(Oklch((tone.lightness + theme.surface.lightness) / 2, tone.chroma * 0.75, tone.hue)),
    )


@lru_cache(maxsize=256)
def derive(colour: str) -> tuple[Accent, Accent] | None:
    """The light and the dark accent of a tenant's colour; None where it is not ``#rgb`` or ``#rrggbb``."""
    if (parsed := parse_hex(colour)) is None:
        return None
    source = to_oklch(parsed)
    return _accent(source, LIGHT), _accent(source, DARK)


@lru_cache(maxsize=256)
def stylesheet(colour: str) -> str:
    """CSS that puts the accent into both themes, for one ``<style nonce>``; empty where the colour is none.

    Only computed ``#rrggbb`` values go in, never the tenant's own string.
    """
    if (accents := derive(colour)) is None:
        return ""
    light, dark = (";".join(f"{name}:{value}" for name, value in each.properties().items()) for each in accents)
    unless = ":root:where(:not([data-theme=light]))"
    return (
        f":root{{{light}}}@media (prefers-color-scheme:dark){{{unless}{{{dark}}}}}"
        f":root:where([data-theme=dark]){{{dark}}}"
    )
