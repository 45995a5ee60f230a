"""The catalogue: one TOML file for each provider, read when the strategy of that name is first asked for.

A file holds the members of :class:`connectors.oauth2.provider.Provider` under their names. Three things are shorter
than there: the name is the file's, a source with braces is a :class:`connectors.oauth2.paths.Text`, and ``like`` names
another file whose members stand in for those that are missing (sandboxes).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connectors.oauth2.provider import Provider
    from connectors.oauth2.quirks import Quirks
    from connectors.strategy import Strategy

FOLDER = Path(__file__).parent / "catalogue"
_SUFFIX = ".toml"
_LISTS = ("profile_from", "scopes", "told_once")


def names() -> list[str]:
    """The strategies of the catalogue, in order: what the folder holds."""
    return sorted(each.stem for each in FOLDER.iterdir() if each.suffix == _SUFFIX)


def strategy(name: str) -> Strategy:
    """The strategy of that name. Raises FileNotFoundError."""
    found = provider(name)
    if found.request_token_endpoint:
        from connectors.oauth1.engine import strategy as made_of_oauth1

        return made_of_oauth1(found)
    from connectors.oauth2.engine import strategy as made

    return made(found)


def provider(name: str) -> Provider:
    """The provider of that name.

    :raises FileNotFoundError: there is none.
    :raises TypeError: its file says something that no provider has.
    """
    from connectors.oauth2.provider import Fault, Fetch, Field, IdToken, Provider, Setup
    from connectors.strategy import NativeTokens

    said = document(name)
    native = said.pop("native", None)
    setup, token = _tuples(said.pop("setup"), "steps", "notes"), said.pop("id_token", None)
    if setup.get("client_secret") == "":  # TOML has no null: there is none to enter
        setup["client_secret"] = None
    if "quirks" in said:
        said["quirks"] = _quirks(said["quirks"])
    if "choose" in said:
        said["choose"] = _choice(said["choose"])
    return Provider(
        name=name,
        id=_source(said.pop("id")),
        profile={attribute: _source(each) for attribute, each in said.pop("profile").items()},
        setup=Setup(**setup),
        id_token=IdToken(**_tuples(token, "algorithms", "issuer_claims", "also")) if token else None,
        fetch=tuple(Fetch(**each) for each in said.pop("fetch", ())),
        faults=tuple(Fault(**_tuples(each, "fine", "message")) for each in said.pop("faults", ())),
        fields=tuple(Field(**each) for each in said.pop("fields", ())),
        native=NativeTokens(**native) if native else None,
        **_tuples(said, *_LISTS),
    )


def document(name: str) -> dict[str, Any]:
    """What the file of that name says, with what it takes from another one."""
    import tomllib

    said = tomllib.loads((FOLDER / f"{name}{_SUFFIX}").read_text(encoding="utf-8"))
    like = said.pop("like", None)
    return {**document(like), **said} if like else said


def _source(said: str | list[str]) -> Any:
    from connectors.oauth2.paths import Text

    if isinstance(said, str):
        return Text(said) if "{" in said else said
    return tuple(_source(each) for each in said)


def _tuples(said: Mapping[str, Any], *members: str) -> dict[str, Any]:
    return {name: tuple(each) if name in members else each for name, each in said.items()}


def _quirks(name: str) -> type[Quirks]:
    from importlib import import_module

    found: type[Quirks] = import_module(f"connectors.social.quirks.{name}").QUIRKS
    return found


def _choice(name: str) -> Callable[[Any], type[Any] | None]:
    """Of a module below ``connectors``, imported when a connection is first looked at."""
    from importlib import import_module

    def choose(options: Any) -> type[Any] | None:
        found: type[Any] | None = import_module(f"connectors.{name}").choose(options)
        return found

    return choose
