"""Every converter there is."""

from __future__ import annotations

from collections.abc import Mapping

from idp.directory.bulk.converters.auth0 import Auth0
from idp.directory.bulk.converters.clerk import Clerk
from idp.directory.bulk.converters.cognito import Cognito
from idp.directory.bulk.converters.contract import Converter, by_name
from idp.directory.bulk.converters.firebase import Firebase
from idp.directory.bulk.converters.gigya import Gigya
from idp.directory.bulk.converters.keycloak import Keycloak
from idp.directory.bulk.converters.ldif import Ldif
from idp.directory.bulk.converters.okta import Okta
from idp.directory.bulk.converters.plain_csv import PlainCsv
from idp.directory.bulk.converters.stormpath import Stormpath
from idp.directory.bulk.converters.supabase import Supabase

CONVERTERS: Mapping[str, Converter] = by_name(
    (
        Auth0(),
        Okta(),
        Gigya(),
        Stormpath(),
        Keycloak(),
        Firebase(),
        Cognito(),
        Supabase(),
        Clerk(),
        Ldif(),
        PlainCsv(),
    )
)
"""By what ``--format`` calls them."""


def named(name: str) -> Converter:
    """The converter of that name. Raises KeyError."""
    return CONVERTERS[name]
