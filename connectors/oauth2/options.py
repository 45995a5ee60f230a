"""Options of connections to OAuth 2.0 providers, under Auth0's names, made from the provider's declaration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from connectors.strategy import Options, Secret, SecretText, Sync
from connectors.upstream import UpstreamParams

if TYPE_CHECKING:
    from connectors.oauth2.provider import Provider

Line = Annotated[str, Meta(max_length=2_048)]
Lines = Annotated[list[Annotated[str, Meta(max_length=256)]], Meta(max_length=200)]
OURS = frozenset(
    {
        "client_id",
        "client_secret",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "redirect_uri",
        "request",
        "request_uri",
        "response_mode",
        "response_type",
        "state",
    }
)
"""Parameters of the request that no configuration chooses: what protects a sign-in is in them."""
ScopeOption = Line | Lines


class OAuthOptions(Options, frozen=True, kw_only=True):
    """What every connection to such a provider takes."""

    client_id: Line | UnsetType | None = UNSET
    client_secret: Secret | UnsetType | None = UNSET
    scope: ScopeOption | UnsetType | None = UNSET
    freeform_scopes: Lines | UnsetType | None = UNSET
    set_user_root_attributes: Sync | UnsetType | None = UNSET
    non_persistent_attrs: Lines | UnsetType | None = UNSET
    upstream_params: UpstreamParams | UnsetType | None = UNSET
    icon_url: Line | UnsetType | None = UNSET
    domain_aliases: Lines | UnsetType | None = UNSET

    def sync(self) -> Sync:
        """See :class:`connectors.strategy.Options`."""
        return self.set_user_root_attributes or "on_each_login"

    def never_stored(self) -> tuple[str, ...]:
        """See :class:`connectors.strategy.Options`."""
        return tuple(self.non_persistent_attrs or ())

    def contradiction(self) -> str | None:
        """See :class:`connectors.strategy.Options`."""
        taken = sorted(set(self.upstream_params or {}) & OURS)
        return f"options.upstream_params cannot set {', '.join(taken)}" if taken else None

    def sends(self, asked: Mapping[str, str]) -> dict[str, str]:
        """The parameters of ``upstream_params``, of which some are what the application ``asked`` for."""
        found = {
            name: each.value if each.value is not None else asked.get(str(each.alias))
            for name, each in (self.upstream_params or {}).items()
        }
        return {name: value for name, value in found.items() if value is not None and name not in OURS}

    def scopes(self) -> list[str]:
        """Scopes that the operator chose beside the provider's own."""
        chosen = self.scope or []
        listed = re.split(r"[\s,]+", chosen) if isinstance(chosen, str) else list(chosen)
        return [scope for scope in (*listed, *(self.freeform_scopes or ())) if scope]


_FIELDS: Mapping[tuple[bool, bool], Any] = {
    (False, False): Line,
    (False, True): Annotated[str, Meta(max_length=16_384)],
    (True, False): Secret,
    (True, True): SecretText,
}
"""By whether it is a secret, and whether it has several lines."""
_OTHERS: Mapping[str, Any] = {"text": Line, "list": Lines, "number": int, "switch": bool}


def options_of(provider: Provider) -> type[OAuthOptions]:
    """The options type of a provider: what all take, a switch for each of its scopes, and its own fields."""
    switches = [(name, bool | UnsetType | None, UNSET) for name in provider.scope_options]
    entered = [(each.name, _FIELDS[each.secret, each.multiline] | UnsetType | None, UNSET) for each in provider.fields]
    others = [(name, _OTHERS[kind] | UnsetType | None, UNSET) for name, kind in provider.other_options.items()]
    known = {*OAuthOptions.__struct_fields__}
    members = [each for each in (*switches, *entered, *others) if each[0] not in known]
    made: Any = msgspec.defstruct(
        f"{provider.name.title().replace('-', '')}Options",
        members,
        bases=(OAuthOptions,),
        frozen=True,
        kw_only=True,
        namespace={
            "__doc__": f"Options of a connection to {provider.display_name}.",
            "__module__": __name__,
            "contradiction": _contradiction,
        },
    )
    made_for[made] = provider
    found: type[OAuthOptions] = made
    return found


made_for: dict[type[Any], Provider] = {}
"""The provider that a type of options was made for."""


def _contradiction(options: OAuthOptions) -> str | None:
    """A field that does not look like what it is for ends up in addresses: it is refused when it is saved."""
    return misfit(options, made_for[type(options)]) or OAuthOptions.contradiction(options)


def misfit(options: OAuthOptions, provider: Provider) -> str | None:
    """The field that does not look like what it is for, in words."""
    for each in provider.fields:
        value = getattr(options, each.name, None)
        if isinstance(value, str) and value and not re.match(each.pattern, value):
            return f"options.{each.name} ({each.label}) does not look like one"
    return None
