"""Strategy ``adfs``: sign-in at a token service over WS-Federation (docs/connections/ws-federation.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from connectors.contract import Arrival, ConnectorContext, ConnectorError, Departure, FormPost, Identity
from connectors.saml import mapping, passed_on
from connectors.saml.certificates import trusted_until
from connectors.saml.mapping import Value
from connectors.saml.passive import sources, tokens
from connectors.saml.passive.options import PassiveOptions
from connectors.saml.passive.sources import NOT_SET_UP, Source
from connectors.saml.passive.tokens import Expected, Told
from connectors.saml_format import federation, keys, signatures, trust
from connectors.saml_format.documents import SamlError, iso
from connectors.strategy import Strategy, entries
from connectors.web_addresses import origin

NOT_BELIEVED = "The answer of the identity provider cannot be used."
CLOCK = "The answer of the identity provider is too old, or its clock is wrong."
DAY_MS = 86_400_000
_FIELDS = {
    "upn": (f"{mapping.CLAIMS}/upn", "http://schemas.xmlsoap.org/claims/UPN"),
    "email": (*mapping.DEFAULT["email"], "http://schemas.xmlsoap.org/claims/EmailAddress"),
    "name": (*mapping.DEFAULT["name"], "http://schemas.xmlsoap.org/claims/CommonName"),
}
"""Names of the first version of the protocol's claims beside those of today."""
_NAMES = (f"{mapping.CLAIMS}/nameidentifier", f"{mapping.CLAIMS}/upn", "http://schemas.xmlsoap.org/claims/UPN")
"""Claims that name the account where the subject of the token has no name, the first that is there."""


class PassiveConnector:
    """RedirectConnector, DescribesItself, LogsOutAtSource, CleansUp, Probed and Maps over WS-Federation."""

    def __init__(self, context: ConnectorContext) -> None:
        if not isinstance(context.options, PassiveOptions):
            raise TypeError("options of another strategy")
        self._context = context
        self._options: PassiveOptions = context.options

    @property
    def realm(self) -> str:
        """How we call ourselves: as configured, else as Auth0 does for the whole tenant."""
        return self._options.entityId or f"urn:auth0:{self._context.tenant}"

    def describe(self) -> tuple[bytes, str]:
        """See :class:`connectors.contract.DescribesItself`."""
        pairs = self._context.keys.pairs() if self._context.keys is not None else ()
        certificates = [each.certificate for each in pairs]
        document = federation.application(
            realm=self.realm, reply=self._context.callback_url, encryption=certificates[:1]
        )
        return document, federation.CONTENT_TYPE

    # ---- away
    def issuer(self) -> str | None:
        """See :class:`connectors.contract.RedirectConnector`: the issuer stands inside of the signature instead."""
        return None

    def start(self, departure: Departure) -> str | FormPost:
        """See :class:`connectors.contract.RedirectConnector` (WS-Federation 1.2, 13.2.2)."""
        said = {
            **passed_on.parameters(self._options.upstream_params, departure),
            **({"login_hint": departure.login_hint} if departure.login_hint else {}),
            "wa": trust.SIGN_IN,
            "wtrealm": self.realm,
            "wctx": departure.state,
            "wreply": self._context.callback_url,
            "wct": iso(self._now()),
        }
        return self._address(said)

    # ---- back
    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`connectors.contract.RedirectConnector`."""
        value = arrival.params.get("wresult")
        if arrival.params.get("wa") != trust.SIGN_IN or not value:
            raise ConnectorError("access_denied", NOT_BELIEVED, detail="no wresult of a sign-in")
        try:
            found = self._told(value)
            identity = self._identity(found.name, found.attributes)
        except SamlError as error:
            words = CLOCK if error.about == "clock" else NOT_BELIEVED
            raise ConnectorError("access_denied", words, detail=f"{error.about}: {error}") from error
        self._first_time(found)
        return identity

    def _told(self, value: str) -> Told:
        source = self._source()
        try:
            return tokens.told(value, self._expected(source))
        except SamlError as error:
            if error.about != "signature" or not self._options.adfs_server or self._options.fedMetadataXml:
                raise
            newer = self._source(newer=True)
            if set(newer.certificates) <= set(source.certificates):
                raise
            return tokens.told(value, self._expected(newer))

    def _expected(self, source: Source) -> Expected:
        pairs = self._context.keys.pairs() if self._context.keys is not None else ()
        private_keys = [each.private_key for each in pairs]
        return Expected(source=source, private_keys=private_keys, realm=self.realm, now=self._now())

    # ---- what becomes of it
    def example(self) -> Mapping[str, Any]:
        """See :class:`connectors.contract.Maps`."""
        own = self._options.user_id_attribute
        return {**({own: "248289761001"} if own else {}), **mapping.EXAMPLE, _NAMES[1]: "jane@example.com"}

    def configured(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Maps`: which claim is which attribute, nobody changes."""
        return {}

    def maps(self, said: Mapping[str, Any]) -> Identity:
        """See :class:`connectors.contract.Maps`: ``NameID`` is the name of the token's subject, the rest its claims."""
        claims = mapping.as_asserted({name: value for name, value in said.items() if name != mapping.NAME_ID})
        name = said.get(mapping.NAME_ID)
        try:
            return self._identity(name if isinstance(name, str) else "", claims)
        except SamlError as error:
            raise ConnectorError("access_denied", mapping.UNNAMED, detail=str(error)) from error

    def recalled(self, known: Identity) -> Mapping[str, Any]:
        """See :class:`connectors.contract.Maps`."""
        own = self._options.user_id_attribute or None
        return mapping.naming(known.raw, known.user_id, [own] if own else (), own)

    def _identity(self, name: str, said: Mapping[str, Value]) -> Identity:
        """Whom claims are about, and the name of their subject, empty where it has none.

        :raises SamlError: nothing in them names the account.
        """
        options = self._options
        account: str | None
        if options.user_id_attribute:
            account = mapping.account_id(said, [options.user_id_attribute])
            if not account:
                raise SamlError(f"the token has no claim {options.user_id_attribute[:200]}", about="subject")
        else:
            account = name or mapping.account_id(said, _NAMES)
        if not account:
            seen = ", ".join(sorted(said))[:1000]
            raise SamlError(f"nothing names the account: set user_id_attribute to one of {seen}", about="subject")
        profile = mapping.profile(said, _FIELDS)
        if profile.get("email"):
            trusted = options.should_trust_email_verified_connection == "always_set_emails_as_verified"
            profile["email_verified"] = trusted
        return Identity(account, profile, raw=dict(said), session={"sub": name or account})

    def _first_time(self, found: Told) -> None:
        """:raises ConnectorError: that token was used before (security.md SA4)."""
        if self._context.once is None:
            raise ConnectorError("server_error", NOT_BELIEVED, detail="nothing remembers tokens")
        if not self._context.once.first_time(f"{found.issuer}\0{found.token_id}", until=found.until):
            raise ConnectorError("access_denied", NOT_BELIEVED, detail=f"replay of {found.token_id[:100]}")

    # ---- signing out
    def logout_url(self, _session: Mapping[str, str], return_to: str) -> str | None:
        """See :class:`connectors.contract.LogsOutAtSource` (WS-Federation 1.2, 13.2.4)."""
        return self._address({"wa": trust.SIGN_OUT, "wtrealm": self.realm, "wreply": return_to})

    def way_back(self, params: Mapping[str, str]) -> str | None:
        """See :class:`connectors.contract.CleansUp`."""
        wanted = params.get("wreply", "") if params.get("wa") == trust.CLEAN_UP else ""
        there = origin(wanted)
        return wanted if there is not None and there == origin(sources.home(self._options)) else None

    # ---- asked by administrators
    def probe(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Probed`. Metadata are fetched anew; every certificate is named with its end,
        which ends nothing by itself.
        """
        source, now = self._source(newer=True), self._now()
        if not source.sign_in or not (source.certificates or source.fingerprints):
            raise ConnectorError("server_error", NOT_SET_UP, detail="no sign-in address, or no certificate")
        found = {"identity provider": source.entity_id or "not named", "signs in at": source.sign_in}
        for pem in source.certificates:
            ends = keys.ends(pem)
            left = (int(ends.timestamp() * 1000) - now) // DAY_MS
            said = f"expired on {ends:%Y-%m-%d}" if left < 0 else f"expires on {ends:%Y-%m-%d}, in {left} days"
            found[f"certificate {signatures.thumbprint(pem)}"] = said
        return found

    # ---- what is needed
    def _address(self, said: Mapping[str, str]) -> str:
        target = self._source().sign_in
        if not target:
            raise ConnectorError("server_error", NOT_SET_UP, detail="no sign-in address")
        return f"{target}{'&' if '?' in target else '?'}{urlencode(said, quote_via=quote)}"

    def _source(self, *, newer: bool = False) -> Source:
        return sources.source(self._context, self._options, now=self._now(), newer=newer)

    def _now(self) -> int:
        if self._context.clock is None:
            raise ConnectorError("server_error", NOT_BELIEVED, detail="no clock")
        return self._context.clock()


ADFS = Strategy(
    name="adfs",
    called="AD FS, WS-Federation",
    asks=entries(
        {
            "adfs_server": ("Server", "adfs.acme.example; its metadata say the rest."),
            "fedMetadataXml": (
                "Federation metadata",
                "The document itself, where the server cannot be reached from here.",
            ),
        }
    ),
    page="ws-federation.md",
    kind="enterprise",
    amr="fed",
    options=PassiveOptions,
    open=PassiveConnector,
    trusted_until=trusted_until,
    ids_by_connection=True,
)
