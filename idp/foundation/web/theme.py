"""A branding theme, and the sheet of styles that comes of it (``/branding/themes``; spec/management-types.tsv,
``BrandingTheme...``).

Only numbers, words of lists, computed ``#rrggbb`` values and percent-encoded addresses go into the sheet, never a text
of the tenant's. Texts keep 4.5:1 and controls 3:1 against what they stand on, whatever the theme says: a colour that
does not is moved in lightness (decision 0217).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

import msgspec
from msgspec import UNSET, Meta, UnsetType

from idp.foundation.kernel.formats import WebUrlOrBlank, whole
from idp.foundation.web.accent import CONTROL_CONTRAST, TEXT_CONTRAST, contrast, parse_hex, readable

Colour = Annotated[str, whole("#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", max_length=7)]
Shape = Literal["pill", "rounded", "sharp"]
Corner = Annotated[float, Meta(ge=0, le=10)]
Weight = Annotated[float, Meta(ge=0, le=10)]
Percent = Annotated[float, Meta(ge=0, le=150)]


class _Part(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A part of a theme."""


class Borders(_Part, kw_only=True):
    """``borders``; px."""

    button_border_radius: Annotated[float, Meta(ge=1, le=10)]
    button_border_weight: Weight
    buttons_style: Shape
    input_border_radius: Corner
    input_border_weight: Annotated[float, Meta(ge=0, le=3)]
    inputs_style: Shape
    show_widget_shadow: bool
    widget_border_weight: Weight
    widget_corner_radius: Annotated[float, Meta(ge=0, le=50)]


class Colors(_Part, kw_only=True):
    """``colors``."""

    base_focus_color: Colour | UnsetType = UNSET
    base_hover_color: Colour | UnsetType = UNSET
    body_text: Colour
    captcha_widget_theme: Literal["auto", "dark", "light"] | UnsetType = UNSET
    error: Colour
    header: Colour
    icons: Colour
    input_background: Colour
    input_border: Colour
    input_filled_text: Colour
    input_labels_placeholders: Colour
    links_focused_components: Colour
    primary_button: Colour
    primary_button_label: Colour
    read_only_background: Colour | UnsetType = UNSET
    secondary_button_border: Colour
    secondary_button_label: Colour
    success: Colour
    widget_background: Colour
    widget_border: Colour


class Text(_Part, kw_only=True):
    """How large, in per cent of ``reference_text_size``, and how heavy a text is."""

    bold: bool
    size: Percent


class Fonts(_Part, kw_only=True):
    """``fonts``."""

    body_text: Text
    buttons_text: Text
    font_url: WebUrlOrBlank
    input_labels: Text
    links: Text
    links_style: Literal["normal", "underlined"]
    reference_text_size: Annotated[float, Meta(ge=12, le=24)]
    subtitle: Text
    title: Text


class PhoneDisplay(_Part, kw_only=True):
    """``identifiers.phone_display``."""

    formatting: Literal["international", "regional"]
    masking: Literal["hide_country_code", "mask_digits", "show_all"]


class Identifiers(_Part, kw_only=True):
    """``identifiers``."""

    login_display: Literal["separate", "unified"]
    otp_autocomplete: bool
    phone_display: PhoneDisplay


class PageBackground(_Part, kw_only=True):
    """``page_background``."""

    background_color: Colour
    background_image_url: WebUrlOrBlank
    page_layout: Literal["center", "left", "right"]


class Widget(_Part, kw_only=True):
    """``widget``."""

    header_text_alignment: Literal["center", "left", "right"]
    logo_height: Annotated[float, Meta(ge=1, le=100)]
    logo_position: Literal["center", "left", "none", "right"]
    logo_url: WebUrlOrBlank
    social_buttons_layout: Literal["bottom", "top"]


class Theme(_Part, kw_only=True):
    """POST /branding/themes."""

    borders: Borders
    colors: Colors
    displayName: Annotated[str, Meta(max_length=2048)] | UnsetType = UNSET  # noqa: N815 - Auth0's name
    fonts: Fonts
    identifiers: Identifiers | UnsetType = UNSET
    page_background: PageBackground
    widget: Widget


FOOT: Final = "#475a63"
"""The colour of what stands below the card, before it is made readable on the tenant's ground."""
_SIDES: Final = {"left": "start", "center": "center", "right": "end"}
_INPUT: Final = 'input:not([type="hidden"])'
_NO_ARCH: Final = ".stage:not(.wide) .card::before{content:none}"
_URL_SAFE: Final = "/:?#@!$&*+,;=%[]~"
"""What of an address stands in a sheet as it is: no quotes, brackets of CSS or backslashes."""


def url(address: str) -> str:
    """``url(...)`` of an http(s) address, which cannot end it."""
    return f'url("{quote(address, safe=_URL_SAFE)}")'


def sheet(theme: Theme) -> str:
    """The whole theme as CSS, laid over ``static/gate.css`` in both colour schemes: a theme has one set of colours."""
    return "".join((_variables(theme), *_rules(theme)))


def _variables(theme: Theme) -> str:
    colors = theme.colors
    surface, ground = _hex(colors.widget_background), _hex(theme.page_background.background_color)
    button = _hex(colors.primary_button)
    text = readable(_hex(colors.body_text), (surface,), TEXT_CONTRAST)
    link = readable(_hex(colors.links_focused_components), (surface,), TEXT_CONTRAST)
    danger = readable(_hex(colors.error), (surface,), TEXT_CONTRAST)
    success = readable(_hex(colors.success), (surface,), TEXT_CONTRAST)
    dark = contrast(surface, "#ffffff") > contrast(surface, "#000000")
    hover = _given(colors.base_hover_color, "#000000")
    names = {
        "color-scheme": "dark" if dark else "light",
        "--ground": ground,
        "--arch": ground,
        "--surface": surface,
        "--sunk": f"color-mix(in oklab,{surface} 94%,{text})",
        "--text": text,
        "--muted": text,
        "--line": _hex(colors.widget_border),
        "--edge": readable(_hex(colors.input_border), (surface,), CONTROL_CONTRAST),
        "--accent": button,
        "--accent-hover": f"color-mix(in oklab,{button} 90%,{hover})",
        "--accent-line": readable(button, (surface,), CONTROL_CONTRAST),
        "--accent-text": link,
        "--on-accent": readable(_hex(colors.primary_button_label), (button,), TEXT_CONTRAST),
        "--danger": danger,
        "--danger-soft": surface,
        "--success": success,
        "--success-soft": surface,
        "--door": link,
    }
    return f":root{{{';'.join(f'{name}:{value}' for name, value in names.items())}}}"


def _rules(theme: Theme) -> list[str]:
    return [*_text_rules(theme), *_control_rules(theme), *_frame_rules(theme)]


def _text_rules(theme: Theme) -> Iterator[str]:
    colors, fonts = theme.colors, theme.fonts
    surface = _hex(colors.widget_background)
    labels = readable(_hex(colors.input_labels_placeholders), (surface,), TEXT_CONTRAST)
    header = readable(_hex(colors.header), (surface,), TEXT_CONTRAST)
    foot = readable(_hex(colors.body_text), (_hex(theme.page_background.background_color),), TEXT_CONTRAST)
    icons = readable(_hex(colors.icons), (surface,), CONTROL_CONTRAST)
    line = "underline" if fonts.links_style == "underlined" else "none"
    yield _rule("html", f"font-size:{_number(fonts.reference_text_size / 16 * 100)}%")
    yield _rule("body", _text(fonts.body_text))
    yield _rule("h1", _text(fonts.title), f"color:{header}!important")
    yield _rule(".lead", f"text-align:{_SIDES[theme.widget.header_text_alignment]}")
    yield _rule(".lead .going", f"justify-content:{_SIDES[theme.widget.header_text_alignment]}")
    yield _rule(".lead p", _text(fonts.subtitle))
    yield _rule("label", _text(fonts.input_labels), f"color:{labels}")
    yield _rule(".hint,input::placeholder", f"color:{labels}")
    yield _rule("a,.below", _text(fonts.links), f"text-decoration-line:{line}")
    yield _rule("a:hover", "text-decoration-line:underline")
    yield _rule(".icon", f"color:{icons}")
    yield _rule(":is(.button,.alert,.notice,.problem,.foot) .icon", "color:inherit")
    yield _rule(".foot", f"color:{foot}")
    yield f"@media (max-width:479px){{{_rule('.foot', 'color:var(--text)')}}}"


def _control_rules(theme: Theme) -> Iterator[str]:
    colors, fonts, borders = theme.colors, theme.fonts, theme.borders
    surface, field = _hex(colors.widget_background), _hex(colors.input_background)
    typed = readable(_hex(colors.input_filled_text), (field,), TEXT_CONTRAST)
    focus = readable(_given(colors.base_focus_color, colors.links_focused_components), (surface,), CONTROL_CONTRAST)
    second = readable(_hex(colors.secondary_button_label), (surface,), TEXT_CONTRAST)
    edge = readable(_hex(colors.secondary_button_border), (surface,), CONTROL_CONTRAST)
    yield _rule(
        ".button",
        _text(fonts.buttons_text),
        f"color:{second}",
        f"border-color:{edge}",
        f"border-width:{_number(borders.button_border_weight)}px",
        f"border-radius:{_radius(borders.buttons_style, borders.button_border_radius)}",
    )
    yield _rule(".button.first", "color:var(--on-accent)", "border-color:var(--accent-line)")
    yield _rule(".button.plain", "border-color:transparent", f"color:{second}")
    yield _rule(
        _INPUT,
        f"background:{field}",
        f"color:{typed}",
        f"border-width:{_number(max(borders.input_border_weight, 1))}px",
        f"border-radius:{_radius(borders.inputs_style, borders.input_border_radius)}",
    )
    yield _rule(".control button,.control button:hover", f"color:{typed}")  # they stand in the input
    yield _rule(":focus-visible", f"outline-color:{focus}")
    if not isinstance(colors.read_only_background, UnsetType):
        shaded = _hex(colors.read_only_background)
        ink = readable(_hex(colors.input_filled_text), (shaded,), TEXT_CONTRAST)
        yield _rule(f"{_INPUT}[readonly]", f"background:{shaded}", f"color:{ink}")


def _frame_rules(theme: Theme) -> Iterator[str]:
    borders, widget, page = theme.borders, theme.widget, theme.page_background
    shadow = "0 12px 40px rgb(0 0 0/.18)" if borders.show_widget_shadow else "none"
    card = _rule(
        ".card",
        f"border-width:{_number(borders.widget_border_weight)}px",
        f"border-radius:{_number(borders.widget_corner_radius)}px",
        f"box-shadow:{shadow}",
    )
    stage = _rule(".stage:not(.wide)", f"justify-items:{_SIDES[page.page_layout]}")
    inset = _rule(".stage:not(.wide) .card", "margin-inline:clamp(16px,8vw,120px)")
    yield f"@media (min-width:480px){{{card}{stage}{inset}{_NO_ARCH}}}"
    yield _rule(".card .brand", f"justify-content:{_SIDES.get(widget.logo_position, 'start')}")
    yield _rule(".card .brand img", "max-height:none", "max-width:100%", f"height:{_number(widget.logo_height)}px")
    if widget.logo_position == "none":
        yield _rule(".card .brand", "display:none")
    if page.background_image_url:
        image = url(page.background_image_url)
        yield _rule("html", f"background:{_hex(page.background_color)} {image} center/cover no-repeat fixed")
        yield _rule("body", "background:none")


def _rule(selector: str, *declarations: str) -> str:
    return f"{selector}{{{';'.join(declarations)}}}"


def font_face(address: str) -> str:
    """The tenant's own font for every text; until it is there, and where it does not come, the system's."""
    named = '@font-face{font-family:"Tenant";src:' + url(address) + ";font-display:swap}"
    return f'{named}:root{{--font:"Tenant",system-ui,sans-serif}}'


def background(start: str, end: str | None = None, angle_deg: float = 0) -> str:
    """The page's ground of a tenant without a theme: one colour, or a gradient."""
    first = parse_hex(start)
    second = parse_hex(end) if end else None
    if first is None:
        return ""
    foot = readable(FOOT, (first,), TEXT_CONTRAST)
    paint = first if second is None else f"linear-gradient({_number(angle_deg)}deg,{first},{second}) fixed"
    return (
        f"html{{background:{paint}}}body{{background:none}}{_NO_ARCH}@media (min-width:480px){{.foot{{color:{foot}}}"
        ".foot :is(a,summary):hover{color:inherit}.foot :focus-visible{outline-color:currentColor}}"
    )


def _hex(colour: str) -> str:
    return parse_hex(colour) or "#000000"


def _given(colour: str | UnsetType, otherwise: str) -> str:
    return _hex(otherwise if isinstance(colour, UnsetType) else colour)


def _number(value: float) -> str:
    return f"{value:.4g}"


def _text(text: Text) -> str:
    size = f"font-size:{_number(max(text.size, 50) / 100)}rem;" if text.size else ""
    return f"{size}font-weight:{650 if text.bold else 400}"


def _radius(shape: str, rounded: float) -> str:
    return {"pill": "999px", "sharp": "0"}.get(shape, f"{_number(rounded)}px")


def read(document: Any) -> Theme | None:
    """A stored theme; None where it is one of another version."""
    try:
        return msgspec.convert(document, Theme)
    except msgspec.ValidationError:
        return None
