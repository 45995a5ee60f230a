"""What the OpenID Foundation's conformance suite needs of a tenant (``idp dev --conformance``): settings, a person with
every claim, clients for each plan, and the suite's own configuration files for them.
Made once; a second start finds them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey
from sqlalchemy import select

from idp.applications.clients import client_grants, stored, tls
from idp.applications.clients import service as clients
from idp.applications.clients.models import Client, ClientGrant
from idp.applications.resource_servers import service as resource_servers
from idp.applications.resource_servers import shared_signals
from idp.applications.resource_servers.models import ResourceServer
from idp.directory.connections import runtime
from idp.directory.connections import service as connections
from idp.directory.users import service as users
from idp.directory.users.models import User
from idp.foundation.tenancy.configuration import signals_audience
from idp.foundation.tenancy.work import Work
from idp.operations.installation.samples import enable_default_connection
from idp.protocol.oauth.ciba.service import GRANT as CIBA
from idp.protocol.possession import addresses
from idp.tenant.keys import certificates
from idp.tenant.keys import service as keys
from idp.tenant.settings import service as tenants

SUITE = "https://localhost.emobix.co.uk:8443"
"""Where the suite runs by its own instructions."""
ALIAS = "gatehouse"
EMAIL, PASSWORD = "conformance@example.com", "conformance suite 9 Gatehouse"
IMPLICIT = ["authorization_code", "implicit", "refresh_token"]
SETTINGS: Mapping[str, Any] = {
    "flags": {"enable_dynamic_client_registration": True},
    "client_registration": {"open": True, "grant_types": [*IMPLICIT, "client_credentials"], "max_clients": 10_000},
    "client_id_metadata_document_supported": True,
    "session_management": True,
    "compatibility": {"id_token_scope_claims": False, "updated_at_iso": False},
}
PROFILE: Mapping[str, Any] = {
    "given_name": "Connie",
    "family_name": "Formance",
    "name": "Connie Formance",
    "nickname": "Connie",
    "picture": "https://example.com/connie.png",
    "phone_number": "+4930123456",
    "phone_verified": True,
    "user_metadata": {
        "middle_name": "Oidc",
        "preferred_username": "connie",
        "profile": "https://example.com/connie",
        "website": "https://connie.example.com",
        "gender": "female",
        "birthdate": "1990-01-31",
        "zoneinfo": "Europe/Berlin",
        "locale": "en-GB",
        "address": {"formatted": "1 Test Street, Berlin", "country": "DE"},
    },
}
CONFIDENTIAL = ("client", "client2", "client_secret_post")
"""Names of the suite for clients with a secret."""
PROFILES = {
    "fapi2-sp": "fapi2_sp_pkj_dpop",
    "fapi2-ms": "fapi2_ms_pkj_dpop",
}
ASKING = {"fapi-ciba-poll": "poll", "fapi-ciba-ping": "ping"}
"""Files for the plan of CIBA, by how the clients hear of the answer."""
SIGNALS = "ssf"
"""The file for the plans of shared signals."""
PAIR = ("client", "client2")
FEDERATION = "openid-federation"
"""The file for the plans of federations."""


def prepare(work: Work, folder: Path, suite: str = SUITE) -> list[Path]:
    """Make what is missing, write the files; answers their paths. The callers' process listens where discovery says."""
    base = f"{suite.rstrip('/')}/test/a/{ALIAS}"
    pairs: dict[str, dict[str, Any]] = {}
    database = next((each for each in runtime.everywhere(work) if each.is_database and each.keeps_accounts), None)
    connection = connections.get(work, database.id) if database is not None else None
    if connection is not None:
        _person(work, connection.name)
    person = work.rows.scalars(select(User.user_id).where(User.email == EMAIL)).first()
    with work.transaction():
        tenants.update_settings(work, {**SETTINGS, "mtls": {"enable_endpoint_aliases": bool(tls.offered(work))}})
        if connection is not None:
            connections.update(work, connection, {"is_domain_connection": True})
        for alg in ("PS256", "ES256", "EdDSA"):
            keys.ensure(work, alg)
        keys.ensure_encryption(work)
        oidc = {name: _client(work, name, _oidc(name, base)) for name in CONFIDENTIAL}
        for plan, level in PROFILES.items():
            pairs[plan] = {name: _fapi(work, f"{plan}-{name}", level, base) for name in PAIR}
        for plan, mode in ASKING.items():
            pairs[plan] = {name: _asking(work, f"{plan}-{name}", mode, base, person) for name in PAIR}
        hears = _hearing(work)
        federation = _federation(work, base)
    server = {"discoveryUrl": f"{work.config.issuer}.well-known/openid-configuration"}
    about = {"alias": ALIAS, "description": "Gatehouse", "server": server}
    files = {"oidc": {**about, **oidc}, "oidc-dynamic": {**about, "client": {"client_name": "Conformance"}}}
    files[SIGNALS] = {**about, "client": hears, "ssf": {"transmitter": {"issuer": work.config.issuer}}}
    files[FEDERATION] = {**about, **federation}
    userinfo = {"resource": {"resourceUrl": f"{work.config.issuer}userinfo"}}
    files |= {plan: {**about, **pairs[plan], **userinfo} for plan in PROFILES}
    bound = {"resource": {"resourceUrl": f"{addresses.alias_of(work) or work.config.issuer}userinfo"}}
    shown = {name: _certificate() for name in ("mtls", "mtls2")}
    files |= {plan: {**about, **pairs[plan], **bound, **shown} for plan in ASKING}
    return [_written(folder / f"{name}.json", document) for name, document in files.items()]


def _person(work: Work, connection: str) -> None:
    if work.rows.scalars(select(User.user_id).where(User.email == EMAIL)).first() is not None:
        return
    members = {"email": EMAIL, "email_verified": True, "password": PASSWORD, **PROFILE}
    with work.transaction(lazily=True):  # the password is hashed before the first row
        users.create(work, {**members, "connection": connection})


def _oidc(name: str, base: str) -> dict[str, Any]:
    method = "client_secret_post" if name == "client_secret_post" else "client_secret_basic"
    return {
        "app_type": "regular_web",
        "token_endpoint_auth_method": method,
        "grant_types": IMPLICIT,
        "callbacks": [f"{base}/callback"],
        "allowed_logout_urls": [f"{base}/post_logout_redirect"],
        "frontchannel_logout_uri": f"{base}/frontchannel_logout",
        "frontchannel_logout_session_required": True,
        "initiate_login_uri": f"{base}/initiate_login",
        "oidc_logout": {
            "backchannel_logout_urls": [f"{base}/backchannel_logout"],
            "backchannel_logout_initiators": {"mode": "all"},
        },
    }


def _client(work: Work, name: str, members: Mapping[str, Any]) -> dict[str, str | None]:
    row = _made(work, name, members)
    secret = stored.secret(work, row.client_id, row.secret_sealed)
    return {"client_id": row.client_id, "client_secret": secret}


def _fapi(work: Work, name: str, level: str, base: str) -> dict[str, Any]:
    members = {
        "compliance_level": level,
        "authorization_signed_response_alg": "ES256",
        "par_request_expiry": 120,  # a module's address is opened by hand
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "callbacks": [f"{base}/callback", f"{base}/callback?dummy1=lorem&dummy2=ipsum"],
    }
    return _keyed(work, name, members)


def _asking(work: Work, name: str, mode: str, base: str, person: str | None) -> dict[str, Any]:
    """A client of FAPI-CIBA (Implementer's Draft 1, 5.2.2): it signs its requests, and its tokens are bound to the
    certificate it shows. It asks for the prepared person.
    """
    members = {
        "grant_types": [CIBA, "refresh_token"],
        "callbacks": [],
        "tls_client_certificate_bound_access_tokens": True,
        "token_endpoint_auth_signing_alg": "ES256",
        "backchannel_authentication_request_signing_alg": "ES256",
        "backchannel_token_delivery_mode": mode,
        "backchannel_client_notification_endpoint": f"{base}/ciba-notification-endpoint",
    }
    hint = json.dumps({"format": "iss_sub", "iss": work.config.issuer, "sub": person})
    return {**_keyed(work, name, members), "hint_type": "login_hint", "hint_value": hint}


def _hearing(work: Work) -> dict[str, Any]:
    """A receiver of shared signals, with the API that it is one of. It may add the prepared person."""
    audience = signals_audience(work.config.own_url)
    if work.rows.scalars(select(ResourceServer.id).where(ResourceServer.identifier == audience)).first() is None:
        resource_servers.create(work, {"identifier": audience})
    members = {
        "app_type": "regular_web",
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["client_credentials"],
    }
    made = _client(work, SIGNALS, members)
    mine = select(ClientGrant.id).where(ClientGrant.client_id == made["client_id"], ClientGrant.audience == audience)
    if work.rows.scalars(mine).first() is None:
        client_grants.create(work, str(made["client_id"]), audience, [*shared_signals.SCOPES])
    return {**made, "scope": " ".join(shared_signals.SCOPES)}


def _federation(work: Work, base: str) -> dict[str, Any]:
    """The suite as an anchor and as a relying party below it, which comes without being registered. It takes the keys
    of both from the file; the tenant trusts the anchor of this start.
    """
    anchor = f"{base}/trust-anchor"
    trusted, entity, party = (
        ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig"}, auto_kid=True) for _ in range(3)
    )
    anchors = [{"entity_id": anchor, "jwks": {"keys": [trusted.as_dict(private=False)]}}]
    said = {"enabled": True, "authority_hints": [anchor], "trust_anchors": anchors, "required_trust_marks": []}
    tenants.update_settings(work, {"federation": said})
    private = {"keys": [trusted.as_dict(private=True)]}
    return {
        "federation": {
            "entity_identifier": work.config.issuer,
            "trust_anchor": anchor,
            "trust_anchor_jwks": {"keys": [trusted.as_dict(private=False)]},
            "rp_ec_jwks": {"keys": [entity.as_dict(private=True)]},
            "rp_client_jwks": {"keys": [party.as_dict(private=True)]},
        },
        "federation_trust_anchor": {
            "immediate_subordinates": [base, work.config.issuer],
            "trust_anchor_jwks": private,
        },
    }


def _keyed(work: Work, name: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """A client that signs. The key is another one with each start: the suite reads it from the file that is written
    beside it.
    """
    key = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig"}, auto_kid=True)
    always = {
        "app_type": "regular_web",
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key.as_dict(private=False)]},
        "jwt_configuration": {"alg": "ES256"},
    }
    row = _made(work, name, {**always, **members})
    return {
        "client_id": row.client_id,
        "scope": "openid profile email offline_access",
        "jwks": {"keys": [key.as_dict(private=True)]},
    }


def _certificate() -> dict[str, str]:
    """A certificate to which tokens are bound, with its key, which the suite takes of RSA alone: what is shown has to
    be registered nowhere.
    """
    key = rsa.generate_private_key(65_537, 2_048)
    shown = certificates.self_signed(key).public_bytes(Encoding.PEM)
    return {
        "cert": shown.decode(),
        "key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    }


def _made(work: Work, name: str, members: Mapping[str, Any]) -> Client:
    title = f"Conformance {name}"
    row = work.rows.scalars(select(Client).where(Client.name == title)).first()
    if row is not None:
        return clients.update(work, row, members)
    row = clients.create(work, {"name": title, **members})
    enable_default_connection(work, row.client_id)
    return row


def _written(path: Path, document: Mapping[str, Any]) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2), encoding="utf-8")
    path.chmod(0o600)
    return path
