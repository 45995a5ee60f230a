"""How somebody comes from a SAML source."""

from __future__ import annotations

from typing import Any

from lxml import etree

from tests.world import saml
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.saml import SamlSource
from tests.world.world import World


def come(browser: Browser, app: Application, source: SamlSource, **said: Any) -> dict[str, Any]:
    """Sign in through the source; answers the claims."""
    attempt = app.begin(browser, connection=source.name)
    request_id, state = source.asked(browser)
    source.answer(browser, source.says(request_id, **said), state)
    return dict(attempt.tokens(browser.answer).id_claims)


OUT = "https://saml-source.example.test/slo"


def end_request(
    source: SamlSource, sub: str = "jane", sid: str | None = "_session", destination: str | None = None
) -> etree._Element:
    """A request of the source, not signed yet."""
    from connectors.saml_format.documents import add, element, iso, new_id
    from connectors.saml_format.names import ASSERTION, PROTOCOL
    from idp.foundation.kernel import clock as now

    ours = f"{source.world.issuer}logout?connection={source.name}"
    made = element(
        PROTOCOL,
        "LogoutRequest",
        None,
        ID=new_id(),
        Version="2.0",
        IssueInstant=iso(now.now_ms()),
        Destination=ours if destination is None else destination,
    )
    add(made, ASSERTION, "Issuer", saml.ENTITY)
    add(made, ASSERTION, "NameID", sub)
    if sid:
        add(made, PROTOCOL, "SessionIndex", sid)
    return made


def live(world: World) -> int:
    from idp.signin.sessions import service as sessions

    with world.context() as work:
        return sessions.count(work, "samlp|acme|jane")
