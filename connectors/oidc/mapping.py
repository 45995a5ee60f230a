"""``attribute_map``: which claim becomes which attribute."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.oauth2.generic import STANDARD
from connectors.oauth2.paths import look, pick, text
from connectors.oidc.options import AttributeMap

EXAMPLE: Mapping[str, Any] = {
    "sub": "248289761001",
    "email": "jane@example.com",
    "email_verified": True,
    "name": "Jane Doe",
    "given_name": "Jane",
    "family_name": "Doe",
    "preferred_username": "jane",
    "department": "Orchards",
}
"""Claims to try a mapping with."""
_REFERENCE = re.compile(r"\$\{context\.(tokenset|userinfo)\.([^}]+)\}")


def mapped(
    attribute_map: AttributeMap | None, claims: Mapping[str, Any], userinfo: Mapping[str, Any]
) -> dict[str, Any]:
    """Attributes of ours. An address is proven where ``email_verified`` beside it is JSON true, and the claim is about
    that very address (security.md N4).
    """
    everything = {**claims, **userinfo}
    chosen = attribute_map.attributes or {} if attribute_map else {}
    only = attribute_map is not None and attribute_map.mapping_mode == "use_map"
    found = {} if only else {name: pick(everything, source) for name, source in STANDARD.items()}
    found |= {name: _value(each, claims, userinfo) for name, each in chosen.items()}
    found = {name: each for name, each in found.items() if each not in (None, "")}
    said = found.pop("email_verified", everything.get("email_verified"))
    if "email" in found:
        same = "email_verified" in chosen or found["email"] == text(everything.get("email"))
        found["email_verified"] = same and said is True
    return found


def _value(template: Any, claims: Mapping[str, Any], userinfo: Mapping[str, Any]) -> Any:
    """One value: a reference alone is what it refers to, references in a text become texts of it."""
    if not isinstance(template, str):
        return template

    def said(match: re.Match[str]) -> Any:
        return look(claims if match[1] == "tokenset" else userinfo, match[2])

    whole = _REFERENCE.fullmatch(template)
    if whole is not None:
        found = said(whole)
        return text(found) if isinstance(found, int | str) and not isinstance(found, bool) else found
    return _REFERENCE.sub(lambda match: text(said(match)) or "", template).strip()
