"""A token service of tests that speaks WS-Federation: it signs for real, and says whatever a test wants said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from connectors.saml_format import encryption, federation, signatures
from connectors.saml_format.documents import add, element, iso, new_id
from connectors.saml_format.keys import KeyPair
from connectors.saml_format.names import ASSERTION, ASSERTION_1, BEARER, BEARER_1, SIGNATURE, TRUST, q
from connectors.saml_format.trust import SIGN_IN as WSIGNIN
from idp.directory.connections import service as connections
from idp.foundation.kernel import clock
from tests.world.browser import Browser
from tests.world.saml import pair
from tests.world.world import World

ENTITY = "http://adfs.example.test/adfs/services/trust"
SIGN_IN = "https://adfs.example.test/adfs/ls/"
NAME = "corp"
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"


@dataclass
class Told:
    """What a token says; a test changes what it is about. ``minutes`` is how long it is good for."""

    realm: str
    name: str | None = "jane"
    issuer: str = ENTITY
    version: str = "1.1"
    at: int = field(default_factory=clock.now_ms)
    minutes: int = 5
    token_id: str = field(default_factory=new_id)
    claims: Mapping[str, Any] = field(default_factory=lambda: {f"{CLAIMS}/emailaddress": "jane@corp.example"})
    method: str | None = BEARER_1
    sign: bool = True
    key: KeyPair = field(default_factory=pair)
    encrypt_for: str | None = None
    second_name: str | None = ""
    """Whom the second statement is about, where it is somebody else."""
    authenticated: bool = True
    audience: bool = True
    change: Callable[[etree._Element], None] | None = None
    """Changes the whole answer once the token is signed."""

    def answer(self) -> etree._Element:
        """The ``wresult``, as a document."""
        made = element(TRUST, "RequestSecurityTokenResponse", {"t": TRUST})
        holder = add(made, TRUST, "RequestedSecurityToken")
        token = self._version_1() if self.version == "1.1" else self._version_2()
        holder.append(token)
        if self.encrypt_for is not None:
            holder.replace(token, encryption.encrypted(token, self.encrypt_for)[0])
        if self.change is not None:
            self.change(made)
        return made

    def _times(self) -> dict[str, str]:
        return {"NotBefore": iso(self.at), "NotOnOrAfter": iso(self.at + self.minutes * 60_000)}

    def _version_1(self) -> etree._Element:
        made = element(
            ASSERTION_1,
            "Assertion",
            {"saml": ASSERTION_1},
            MajorVersion="1",
            MinorVersion="1",
            AssertionID=self.token_id,
            Issuer=self.issuer,
            IssueInstant=iso(self.at),
        )
        conditions = add(made, ASSERTION_1, "Conditions", **self._times())
        if self.audience:
            restriction = add(conditions, ASSERTION_1, "AudienceRestrictionCondition")
            add(restriction, ASSERTION_1, "Audience", self.realm)
        statement = add(made, ASSERTION_1, "AttributeStatement")
        self._subject(statement, self.name)
        for name, values in self.claims.items():
            space, _, short = name.rpartition("/")
            claim = add(statement, ASSERTION_1, "Attribute", AttributeName=short, AttributeNamespace=space)
            for value in values if isinstance(values, list) else [values]:
                add(claim, ASSERTION_1, "AttributeValue", value)
        if self.authenticated:
            method = "urn:oasis:names:tc:SAML:1.0:am:password"
            second = add(
                made,
                ASSERTION_1,
                "AuthenticationStatement",
                AuthenticationMethod=method,
                AuthenticationInstant=iso(self.at),
            )
            self._subject(second, self.name if self.second_name == "" else self.second_name)
        if self.sign:
            signatures.signed(made, self.key, at=len(made))
        return made

    def _subject(self, statement: etree._Element, name: str | None) -> None:
        subject = add(statement, ASSERTION_1, "Subject")
        if name is not None:
            add(subject, ASSERTION_1, "NameIdentifier", name)
        if self.method:
            add(add(subject, ASSERTION_1, "SubjectConfirmation"), ASSERTION_1, "ConfirmationMethod", self.method)

    def _version_2(self) -> etree._Element:
        made = element(
            ASSERTION, "Assertion", {"saml": ASSERTION}, ID=self.token_id, Version="2.0", IssueInstant=iso(self.at)
        )
        add(made, ASSERTION, "Issuer", self.issuer)
        subject = add(made, ASSERTION, "Subject")
        if self.name is not None:
            add(subject, ASSERTION, "NameID", self.name)
        confirmed = add(subject, ASSERTION, "SubjectConfirmation", Method=BEARER)
        add(confirmed, ASSERTION, "SubjectConfirmationData", NotOnOrAfter=self._times()["NotOnOrAfter"])
        conditions = add(made, ASSERTION, "Conditions", **self._times())
        if self.audience:
            add(add(conditions, ASSERTION, "AudienceRestriction"), ASSERTION, "Audience", self.realm)
        if self.authenticated:
            add(made, ASSERTION, "AuthnStatement", AuthnInstant=iso(self.at))
        statement = add(made, ASSERTION, "AttributeStatement")
        for name, value in self.claims.items():
            add(add(statement, ASSERTION, "Attribute", Name=name), ASSERTION, "AttributeValue", value)
        if self.sign:
            signatures.signed(made, self.key, at=1)
        return made

    def posted(self) -> str:
        """The value of the form's field."""
        return etree.tostring(self.answer()).decode()


@dataclass
class PassiveSource:
    """A connection to that token service."""

    world: World
    connection_id: str
    name: str = NAME

    @property
    def realm(self) -> str:
        """How we call ourselves."""
        with self.world.context() as work:
            return f"urn:auth0:{work.tenant_id}"

    def asked(self, browser: Browser) -> dict[str, str]:
        """The parameters that the browser was sent away with."""
        assert (browser.left_for or "").startswith(SIGN_IN), browser.left_for or browser.shown.text
        return {name: each[0] for name, each in parse_qs(urlsplit(str(browser.left_for)).query).items()}

    def says(self, **members: Any) -> Told:
        """A token that would be believed, but for what ``members`` change."""
        return Told(**{"realm": self.realm, **members})

    def answer(self, browser: Browser, told: Told | str, context: str | None, **more: str) -> Browser:
        """Have the browser post it, as its page at the token service would."""
        form = {"wa": WSIGNIN, "wresult": told if isinstance(told, str) else told.posted(), **more}
        if context is not None:
            form["wctx"] = context
        return browser.open("/login/callback", method="POST", form=form, site="cross-site")


def connect(world: World, *client_ids: str, name: str = NAME, **options: Any) -> PassiveSource:
    """A connection to the token service of tests, for those applications."""
    given = {"fedMetadataXml": metadata(), **options}
    given = {each: value for each, value in given.items() if value is not None}
    members = {"name": name, "strategy": "adfs", "options": given, "enabled_clients": list(client_ids)}
    with world.writing() as work:
        return PassiveSource(world, str(connections.create(work, members).id), name)


def metadata(key: KeyPair | None = None, entity_id: str = ENTITY, sign_in: str = SIGN_IN) -> str:
    """What the token service publishes of itself."""
    certificate = (key or pair()).certificate
    return federation.service(
        entity_id=entity_id, sign_in=sign_in, signing=[certificate], token_types=[], claims=[]
    ).decode()


def signature_of(token: etree._Element) -> etree._Element:
    """The signature of a token."""
    found = token.find(q(SIGNATURE, "Signature"))
    assert found is not None
    return found
