"""A theme with every member, as official tools send it."""

from __future__ import annotations

from typing import Any

HEAVY, LIGHT = {"bold": True, "size": 100}, {"bold": False, "size": 87.5}
THEME: dict[str, Any] = {
    "borders": {
        "button_border_radius": 3,
        "button_border_weight": 1,
        "buttons_style": "pill",
        "input_border_radius": 3,
        "input_border_weight": 1,
        "inputs_style": "rounded",
        "show_widget_shadow": True,
        "widget_border_weight": 0,
        "widget_corner_radius": 5,
    },
    "colors": {
        "base_focus_color": "#635dff",
        "base_hover_color": "#000000",
        "body_text": "#1e212a",
        "captcha_widget_theme": "auto",
        "error": "#d03c38",
        "header": "#1e212a",
        "icons": "#65676e",
        "input_background": "#ffffff",
        "input_border": "#c9cace",
        "input_filled_text": "#000000",
        "input_labels_placeholders": "#65676e",
        "links_focused_components": "#635dff",
        "primary_button": "#635dff",
        "primary_button_label": "#ffffff",
        "read_only_background": "#ededf2",
        "secondary_button_border": "#c9cace",
        "secondary_button_label": "#1e212a",
        "success": "#13a688",
        "widget_background": "#ffffff",
        "widget_border": "#c9cace",
    },
    "displayName": "Acme",
    "fonts": {
        "body_text": LIGHT,
        "buttons_text": HEAVY,
        "font_url": "https://fonts.example/acme.woff2",
        "input_labels": LIGHT,
        "links": {"bold": True, "size": 87.5},
        "links_style": "underlined",
        "reference_text_size": 16,
        "subtitle": LIGHT,
        "title": {"bold": True, "size": 150},
    },
    "identifiers": {
        "login_display": "unified",
        "otp_autocomplete": False,
        "phone_display": {"formatting": "regional", "masking": "show_all"},
    },
    "page_background": {
        "background_color": "#003049",
        "background_image_url": "https://pictures.example/ground.jpg",
        "page_layout": "left",
    },
    "widget": {
        "header_text_alignment": "center",
        "logo_height": 52,
        "logo_position": "center",
        "logo_url": "https://pictures.example/logo.png",
        "social_buttons_layout": "top",
    },
}
PAGE = """<!DOCTYPE html>
<html lang="{{ locale }}">
<head>
  {%- auth0:head -%}
  <style>body { background: url("https://art.example/wall.png") }</style>
</head>
<body class="acme">
  <header><img src="{{ branding.logo_url }}" alt="{{ tenant.friendly_name }}"> {{ prompt.screen.name }}</header>
  {%- auth0:widget -%}
  <footer>{% if application.name %}On the way to {{ application.name }}{% endif %}</footer>
</body>
</html>
"""
