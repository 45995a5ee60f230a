"""Strategy ``samlp`` (and ``pingfederate``): sign-in at a SAML 2.0 identity provider. docs/connections/saml.md."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

from connectors.contract import (
    Arrival,
    ConnectorContext,
    ConnectorError,
    Departure,
    EndedThere,
    FormPost,
    Identity,
    KeyPair,
    Onward,
    OwnKeys,
)
from connectors.saml import logouts, mapping, passed_on, requests, responses, sources
from connectors.saml.options import Pair, SamlOptions
from connectors.saml.requests import Wanted
from connectors.saml.responses import Asserted, Denied, Expected
from connectors.saml.sources import Source
from connectors.saml_format import bindings, keys, metadata, signatures
from connectors.saml_format.documents import SamlError, new_id, written
from connectors.saml_format.keys import KeyPair as FormatPair
from connectors.saml_format.names import (
    AUTHN_FAILED,
    EMAIL_ADDRESS,
    NO_PASSIVE,
    POST,
    REDIRECT,
    REQUEST_DENIED,
    RSA_SHA1,
    RSA_SHA256,
    TRANSIENT,
    UNSPECIFIED,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

NOT_BELIEVED = "The answer of the identity provider cannot be used."
CLOCK = "The answer of the identity provider is too old, or its clock is wrong."
NOBODY = "The identity provider did not sign you in."
DAY_MS = 86_400_000
UNASKED = "Nobody here asked for that sign-in. Begin at the application."
_SAID_NO = frozenset({AUTHN_FAILED, NO_PASSIVE, REQUEST_DENIED})
_PATHS = {"oidc": "authorize", "oauth2": "authorize", "samlp": "samlp/{client_id}", "wsfed": "wsfed/{client_id}"}
"""Where an application's protocol begins, below the tenant's URL (contract.md section 4)."""


class SamlConnector:
    """RedirectConnector, TakesUnsolicited, DescribesItself, LogsOutAtSource, SendsLogouts and Probed over SAML 2.0."""

    def __init__(self, context: ConnectorContext) -> None:
        if not isinstance(context.options, SamlOptions):
            raise TypeError("options of another strategy")
        self._context = context
        self._options: SamlOptions = context.options

    # ---- who we are
    @property
    def consumer(self) -> str:
        """Where answers are posted to."""
        return f"{self._context.callback_url}?connection={quote(self._context.connection_name, safe='')}"

    @property
    def entity_id(self) -> str:
        """How we call ourselves: as configured, else the address of our metadata."""
        name = quote(self._context.connection_name, safe="")
        return self._options.entityId or f"{self._context.base_url}samlp/metadata?connection={name}"

    @property
    def sign_out(self) -> str:
        """Where messages about signing out are sent to."""
        return f"{self._context.base_url}logout?connection={quote(self._context.connection_name, safe='')}"

    def describe(self) -> tuple[bytes, str]:
        """See :class:`connectors.contract.DescribesItself`."""
        own = self._decryption_pair()
        pairs = self._pairs()
        decrypting = [own.certificate] if own and own.certificate else [each.certificate for each in self._opening()]
        signing = self._signing_pair()
        described = metadata.ServiceProvider(
            entity_id=self.entity_id,
            consumer=self.consumer,
            sign_out=self.sign_out,
            signing=list(dict.fromkeys([signing.certificate, *(each.certificate for each in pairs)])),
            decrypting=decrypting,
            signs_requests=bool(self._options.signSAMLRequest),
            name_format=UNSPECIFIED,
        )
        return metadata.service_provider(described), metadata.CONTENT_TYPE

    # ---- away
    def issuer(self) -> str | None:
        """See :class:`connectors.contract.RedirectConnector`: the ``Issuer`` stands inside of the signature instead."""
        return None

    def start(self, departure: Departure) -> str | FormPost:
        """See :class:`connectors.contract.RedirectConnector`."""
        source, now = self._source(), self._now()
        binding = self._options.protocolBinding or (REDIRECT if REDIRECT in source.sign_in else POST)
        target = source.sign_in.get(binding) or next(iter(source.sign_in.values()), None)
        if target is None:
            raise ConnectorError("server_error", "The identity provider cannot be used.", detail="no sign-in address")
        request_id = new_id()
        departure.keep["request"] = request_id
        wanted = Wanted(
            request_id=request_id,
            issued_at=now,
            issuer=self.entity_id,
            destination=target,
            consumer=self.consumer,
            connection=self._context.connection_name,
            login_hint=departure.login_hint or "",
        )
        try:
            request = requests.authentication(wanted, self._options.requestTemplate or None)
        except SamlError as error:
            raise ConnectorError(
                "server_error", "The identity provider cannot be used.", detail=f"requestTemplate: {error}"
            ) from error
        more = passed_on.parameters(self._options.upstream_params, departure)
        pair = self._signing_pair() if self._options.signSAMLRequest or source.wants_signed else None
        if binding == POST:
            return self._form(target, request, departure.state, pair, more)
        algorithm = RSA_SHA1 if self._options.signatureAlgorithm == "rsa-sha1" else RSA_SHA256
        return bindings.redirect_url(
            target, "SAMLRequest", request, relay_state=departure.state, sign_with=pair, algorithm=algorithm, more=more
        )

    def _form(
        self, target: str, request: _Element, state: str, pair: FormatPair | None, more: Mapping[str, str]
    ) -> FormPost:
        if pair is not None:
            signatures.signed(
                request,
                pair,
                at=1,
                algorithm=self._options.signatureAlgorithm or "rsa-sha256",
                digest=self._options.digestAlgorithm or "sha256",
            )
        value = bindings.posted(request)
        if self._options.deflate:
            packer = zlib.compressobj(wbits=-15)
            value = base64.b64encode(packer.compress(written(request)) + packer.flush()).decode()
        return FormPost(target, {"SAMLRequest": value, "RelayState": state, **more})

    # ---- back
    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`connectors.contract.RedirectConnector`."""
        return self._identity(arrival.params, arrival.kept("request"))

    def onward(self) -> Onward | None:
        """See :class:`connectors.contract.TakesUnsolicited`."""
        unsolicited = self._options.idpinitiated
        if not unsolicited or not unsolicited.enabled or not unsolicited.client_id:
            return None
        client_id = unsolicited.client_id
        path = _PATHS[unsolicited.client_protocol or "oidc"].format(client_id=quote(client_id, safe=""))
        return Onward(client_id, path, unsolicited.client_authorizequery or "")

    def receive(self, params: Mapping[str, str]) -> Identity:
        """See :class:`connectors.contract.TakesUnsolicited`."""
        return self._identity(params, None)

    def _identity(self, params: Mapping[str, str], request_id: str | None) -> Identity:
        value = params.get("SAMLResponse")
        if not value:
            raise ConnectorError("access_denied", NOT_BELIEVED, detail="no SAMLResponse")
        try:
            found = self._validated(value, request_id)
            identity = self._mapped(found)
        except Denied as error:
            code = "access_denied" if _SAID_NO & set(error.codes) else "server_error"
            raise ConnectorError(code, NOBODY, detail=str(error)) from error
        except SamlError as error:
            words = CLOCK if error.about == "clock" else UNASKED if error.about == "request" else NOT_BELIEVED
            raise ConnectorError("access_denied", words, detail=f"{error.about}: {error}") from error
        self._first_time(found)
        return identity

    def _validated(self, value: str, request_id: str | None) -> Asserted:
        response = bindings.from_post(value)
        source = self._source()
        try:
            return responses.validated(response, self._expected(source, request_id))
        except SamlError as error:
            if error.about != "signature" or not self._options.metadataUrl:
                raise
            newer = self._source(newer=True)
            if set(newer.certificates) <= set(source.certificates):
                raise
            return responses.validated(response, self._expected(newer, request_id))

    def _expected(self, source: Source, request_id: str | None) -> Expected:
        own = frozenset({self.consumer, self._context.callback_url})
        options, pair = self._options, self._decryption_pair()
        return Expected(
            certificates=source.certificates,
            private_keys=[pair.private_key] if pair else [each.private_key for each in self._opening()],
            addresses=frozenset({options.destinationUrl}) if options.destinationUrl else own,
            recipients=frozenset({options.recipientUrl}) if options.recipientUrl else own,
            audience=self.entity_id,
            issuer=source.entity_id,
            request_id=request_id,
            now=self._now(),
        )

    def example(self) -> Mapping[str, Any]:
        """See :class:`connectors.contract.Maps`."""
        own = self._options.user_id_attribute
        return {**({own: "248289761001"} if own else {}), **mapping.EXAMPLE}

    def configured(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Maps`."""
        fields = self._options.fieldsMap or {}
        return {name: each if isinstance(each, str) else ", ".join(each) for name, each in fields.items()}

    def maps(self, said: Mapping[str, Any]) -> Identity:
        """See :class:`connectors.contract.Maps`: ``NameID`` is the name of the assertion, the rest its attributes."""
        attributes = mapping.as_asserted({name: value for name, value in said.items() if name != mapping.NAME_ID})
        account, own = mapping.account_id(attributes, self._names()), self._options.user_id_attribute
        if account is None and own:  # no name stands in for it, as at a sign-in
            raise ConnectorError("access_denied", mapping.UNNAMED, detail=f"it has no {own[:200]}")
        name = said.get(mapping.NAME_ID)
        if account is None and isinstance(name, str):
            account = name
        if not account:
            raise ConnectorError("access_denied", mapping.UNNAMED)
        return Identity(account, mapping.profile(attributes, dict(self._options.fieldsMap or {})), raw=dict(said))

    def recalled(self, known: Identity) -> Mapping[str, Any]:
        """See :class:`connectors.contract.Maps`."""
        own = self._options.user_id_attribute or None
        return mapping.naming(known.raw, known.user_id, self._names(), own)

    def _names(self) -> list[str]:
        """The attributes that may hold the id of the account."""
        named = (self._options.fieldsMap or {}).get("user_id", ())
        own = [self._options.user_id_attribute] if self._options.user_id_attribute else []
        return [*own, *([named] if isinstance(named, str) else named)]

    def _mapped(self, found: Asserted) -> Identity:
        """:raises SamlError: nothing in the assertion names the account for longer than this session."""
        options, said = self._options, mapping.attributes(found.assertion)
        fields = dict(options.fieldsMap or {})
        names = self._names()
        account = mapping.account_id(said, names)
        if account is None and names and options.user_id_attribute:
            raise SamlError(f"the assertion has no attribute {names[0][:200]}", about="subject")
        if account is None and found.name_format != TRANSIENT:
            account = found.name_id
        if not account:
            seen = f"; its attributes are {', '.join(sorted(said))[:1000]}" if options.debug else ""
            raise SamlError(
                f"the NameID is transient or empty and names nobody: set user_id_attribute{seen}", about="subject"
            )
        profile = mapping.profile(said, fields)
        if found.name_format == EMAIL_ADDRESS:
            profile.setdefault("email", found.name_id)
        hint = {"format": found.name_format, "qualifiers": found.qualifiers}
        session = {"sub": found.name_id, "hint": json.dumps(hint)}
        if found.session_index:
            session["sid"] = found.session_index
        return Identity(account, profile, raw=dict(said), session=session)

    def _first_time(self, found: Asserted) -> None:
        """:raises ConnectorError: that assertion was used before (security.md SA4)."""
        self._once(found.issuer, found.assertion_id, found.until)

    def _once(self, issuer: str, message_id: str, until: int) -> None:
        """:raises ConnectorError: that message was used before."""
        if self._context.once is None:
            raise ConnectorError("server_error", NOT_BELIEVED, detail="nothing remembers assertions")
        if not self._context.once.first_time(f"{issuer}\0{message_id}", until=until):
            detail = f"replay: the assertion {message_id[:100]} was used before"
            raise ConnectorError("access_denied", NOT_BELIEVED, detail=detail)

    # ---- out
    def logout_url(self, session: Mapping[str, str], return_to: str) -> str | None:
        """See :class:`connectors.contract.LogsOutAtSource`."""
        target = self._sign_out_address()
        if self._options.disableSignout or target is None or not session.get("sub"):
            return None
        request = logouts.request(self.entity_id, target, session, self._now())
        state = parse_qs(urlsplit(return_to).query).get("state", [""])[0]
        return self._signed_address(target, "SAMLRequest", request, state)

    def ended_there(self, params: Mapping[str, str], raw_query: str, *, posted: bool) -> EndedThere:
        """See :class:`connectors.contract.SendsLogouts`."""
        source, value = self._source(), params.get("SAMLRequest", "")
        own = frozenset({self.sign_out, self.sign_out.partition("?")[0]})
        try:
            asked = logouts.read(value, raw_query, source, self._now(), addresses=own, posted=posted)
        except SamlError as error:
            raise ConnectorError("access_denied", NOT_BELIEVED, detail=f"{error.about}: {error}") from error
        self._once(source.entity_id or "", asked.request_id, asked.until)
        target, relay_state = self._sign_out_address(), params.get("RelayState")

        def answer(ended: bool) -> str | None:
            if target is None:
                return None
            made = logouts.answer(self.entity_id, target, asked.request_id, self._now(), ended=ended)
            return self._signed_address(target, "SAMLResponse", made, relay_state)

        return EndedThere(asked.name_id, asked.session_indexes, answer)

    def _sign_out_address(self) -> str | None:
        return self._source().sign_out.get(REDIRECT)

    def _signed_address(self, target: str, name: str, message: _Element, relay_state: str | None) -> str:
        algorithm = RSA_SHA1 if self._options.signatureAlgorithm == "rsa-sha1" else RSA_SHA256
        pair = self._signing_pair()
        return bindings.redirect_url(
            target, name, message, relay_state=relay_state, sign_with=pair, algorithm=algorithm
        )

    # ---- what is needed
    def _source(self, *, newer: bool = False) -> Source:
        return sources.source(self._context, self._options, now=self._now(), newer=newer)

    def _now(self) -> int:
        if self._context.clock is None:
            raise ConnectorError("server_error", NOT_BELIEVED, detail="no clock")
        return self._context.clock()

    def _pairs(self) -> list[KeyPair]:
        """Our keys, the one that signs first."""
        return list(self._keys().pairs())

    def _opening(self) -> list[KeyPair]:
        """Our keys that somebody may have encrypted to."""
        return list(self._keys().decrypting())

    def _keys(self) -> OwnKeys:
        if self._context.keys is None:
            raise ConnectorError("server_error", NOT_BELIEVED, detail="no keys")
        return self._context.keys

    def _signing_pair(self) -> FormatPair:
        own = self._options.signing_key
        if isinstance(own, Pair) and own.key and own.cert:
            return _pair(own.key, own.cert)
        first = self._pairs()[0]
        return FormatPair(first.private_key, first.certificate)

    def _decryption_pair(self) -> FormatPair | None:
        """The connection's own key to open assertions with, where it has one."""
        own = self._options.decryptionKey
        if isinstance(own, Pair):
            return _pair(own.key, own.cert or "") if own.key else None
        return _pair(own, "") if own else None

    # ---- asked by administrators
    def probe(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Probed`. Metadata are fetched anew; every certificate is named with its end,
        which ends nothing by itself.
        """
        source, now = self._source(newer=True), self._now()
        if not source.sign_in or not source.certificates:
            raise ConnectorError(
                "server_error", "The identity provider cannot be used.", detail="no sign-in address, or no certificate"
            )
        told = {
            "identity provider": source.entity_id or "not named",
            "signs in at": next(iter(source.sign_in.values())),
        }
        for pem in source.certificates:
            ends = keys.ends(pem)
            left = (int(ends.timestamp() * 1000) - now) // DAY_MS
            said = f"expired on {ends:%Y-%m-%d}" if left < 0 else f"expires on {ends:%Y-%m-%d}, in {left} days"
            told[f"certificate {signatures.thumbprint(pem)}"] = said
        return told


@lru_cache(maxsize=128)
def _pair(key: str, certificate: str) -> FormatPair:
    return FormatPair(keys.private_key(key), keys.certificates(certificate)[0] if certificate else "")
