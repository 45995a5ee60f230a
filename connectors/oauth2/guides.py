"""What operators of a provider have to know, from its declaration."""

from __future__ import annotations

from typing import Literal

from connectors.oauth2.provider import Provider
from connectors.strategy import Entry, Guide


def guide(provider: Provider) -> Guide:
    """The guide to a connection."""
    setup = provider.setup
    asks = setup.client_secret is not None and provider.client_auth != "none"
    secret = [Entry(option="client_secret", label=str(setup.client_secret), secret=True)] if asks else []
    return Guide(
        console=setup.console,
        documentation=setup.documentation,
        callback=setup.callback,
        steps=setup.steps,
        entries=(
            Entry(option="client_id", label=setup.client_id),
            *secret,
            *(
                Entry(
                    option=each.name,
                    label=each.label,
                    help=each.help,
                    secret=each.secret,
                    required=each.required and not each.default,
                    default=each.default,
                )
                for each in provider.fields
            ),
        ),
        scopes=provider.scopes,
        switches=tuple(name for name, scope in provider.scope_options.items() if scope),
        attributes=tuple(sorted(provider.profile)),
        email="none" if "email" not in provider.profile else _told(provider.email_verified),
        notes=setup.notes,
    )


def _told(rule: str | bool) -> Literal["unproven", "told", "proven"]:
    if isinstance(rule, str):
        return "told"
    return "proven" if rule else "unproven"
