"""What is wrong with the members of ``addons.samlp`` and ``addons.wsfed`` as somebody typed them. The Management API
keeps add-ons as they come, as Auth0's does; a wrong one is found at the first sign-in there, and here before that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from connectors.saml_format import keys
from connectors.saml_format.documents import SamlError
from idp.foundation.kernel import registered_urls

LONGEST_S: Final = 86_400
"""For how long an assertion may be good, in seconds."""


def found(options: Mapping[str, Any]) -> Mapping[str, str]:
    """What is wrong, by member: of those alone that are there."""
    said: dict[str, str] = {}
    for name, check in _CHECKS.items():
        value = _at(options, name)
        problem = check(value) if value not in (None, "") else ""
        if problem:
            said[name] = problem
    return said


def _at(options: Mapping[str, Any], path: str) -> Any:
    value: Any = options
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _certificates(value: Any) -> str:
    return _of_format(keys.certificates, value)


def _key(value: Any) -> str:
    return _of_format(keys.public_key, value)


def _of_format(read: Callable[[str], object], value: Any) -> str:
    try:
        read(str(value))
    except SamlError as error:
        return str(error)
    return ""


def _address(value: Any) -> str:
    return "" if registered_urls.web(str(value)) else "an address that begins with https:// or http://"


def _lifetime(value: Any) -> str:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return "" if whole and 1 <= value <= LONGEST_S else f"a whole number of seconds from 1 to {LONGEST_S}"


def _mappings(value: Any) -> str:
    names = [value] if not isinstance(value, Mapping) else list(value.values())
    flat = [each for name in names for each in (name if isinstance(name, list) else [name])]
    good = isinstance(value, Mapping) and all(isinstance(each, str) and each for each in flat)
    return "" if good else "an object with a name, or a list of names, for each attribute"


_CHECKS: Final[Mapping[str, Callable[[Any], str]]] = {
    "mappings": _mappings,
    "lifetimeInSeconds": _lifetime,
    "signingCert": _certificates,
    "encryptionCert": _key,
    "encryptionPublicKey": _key,
    "logout.callback": _address,
}
