"""Every form of the dashboard, sent by hand by administrators of every role: buttons are a courtesy, rights are not."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from idp.admin import navigation
from idp.admin.desk import operations
from idp.admin.desk.resource import Document, Resource
from idp.applications.registration.models import Registration
from idp.directory.bulk import service
from idp.directory.bulk.api import LOOK
from idp.foundation.kernel.actor import Actor
from idp.management.operations import management_scopes
from idp.tenant.mail import deliveries
from idp.tenant.members import roles
from idp.tenant.members.roles import ROLES
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.admin.test_provisioning import LDAP
from tests.world import signals
from tests.world.browser import Browser
from tests.world.world import Person, World


def has(rights: frozenset[str], handler: operations.Handler | None) -> bool:
    return handler is not None and not operations.endpoint(handler).lacking(Actor(scopes=rights))


def forms(resource: Resource, there: str, document: Document) -> Iterator[tuple[str, operations.Handler | None]]:
    """Where something is sent, and the operation whose right that needs. ``document`` is what the object is, where some
    have tabs that others lack.
    """
    yield f"{resource.path}/new", resource.create
    for name, handler in resource.links:
        yield f"{resource.path}/{name}", handler
    if resource.page is not None:
        yield resource.path, resource.all or resource.read
    for action in resource.actions:
        yield f"{there}/{action.name}", action.operation
    for tab in resource.tabs:
        if (tab.is_form or tab.save) and (not document or tab.when(document)):
            yield f"{there}/{tab.name}", tab.update or resource.update


def hidden(resource: Resource, address: str, rights: frozenset[str]) -> bool:
    """Whether that is a tab which is not there for who has not the right to read what is on it."""
    needs = next((tab.needs for tab in resource.tabs if address.endswith(f"/{tab.name}")), None)
    return needs is not None and not has(rights, needs)


@pytest.mark.parametrize("name", ROLES)
def test_what_a_role_may_not_is_refused_whoever_asks(
    world: World, browser: Browser, hire: Hire, owner: Person, jane: Person, name: str
) -> None:
    app, api = world.client(), world.api()
    of_clients = (app.client_id,) if ROLES[name].of_clients else ()
    desk = Desk(world, enter(browser, hire("rita@example.com", name, client_ids=of_clients)))
    form = {"csrf": str(desk.tree.xpath("//input[@name='csrf']/@value")[0])}
    caller = world.caller()
    role = (caller.post("/roles", {"name": "Captain"}).json or {})["id"]
    server = next(each["id"] for each in caller.get("/resource-servers").json or () if each["identifier"] == api)
    with world.platform.work(world.tenant, orm=True) as work:
        job = service.ask_export(work, None, {"format": "json"}).id
        with work.transaction():
            work.rows.add(Registration(tenant_id=world.tenant, client_id=app.client_id, kind="dcr", created_at=0))
    invitee = {"inviter": {"name": "Ada"}, "invitee": {"email": "new@example.com"}, "client_id": app.client_id}
    invited = caller.post("/invitations", invitee).json or {}
    let_in = caller.post("/initial-access-tokens", {"name": "CI"}).json or {}
    domain = caller.post("/custom-domains", {"domain": "login.other.example", "type": "auth0_managed_certs"}).json or {}
    kind = {"name": "Old", "subject_token_type": "urn:old:session", "type": "custom_authentication"}
    profile = caller.post("/token-exchange-profiles", {**kind, "action_id": "act_x"}).json or {}
    signals.switch_on(world)
    stream = signals.receiver(world, world.client("m2m", grant_types=["client_credentials"])).stream()
    caller.post("/emails/provider", {"name": "resend", "credentials": {"api_key": "re-1"}})
    caller.put("/email-templates/verify_email", {"template": "verify_email", "body": "x", "enabled": True})
    twilio = {"delivery_methods": ["text"], "sid": "AC1", "default_from": "+15550001111"}
    phone = {"name": "twilio", "credentials": {"auth_token": "t"}, "configuration": twilio}
    with world.writing() as work:
        delivery = deliveries.new_id()
        deliveries.queued(work, delivery, deliveries.EMAIL, "verify_email", jane.email, jane.user_id, "out_1")
    there = {
        "deliveries": delivery,
        "mails": "verify_email",
        "phone": (caller.post("/branding/phone/providers", phone).json or {})["id"],
        "messages": (caller.post("/branding/phone/templates", {"type": "otp_verify"}).json or {})["id"],
        "registration": let_in["id"],
        "registered": app.client_id,
        "texts": "login.en",
        "partials": "login",
        "signals": stream["stream_id"],
        "exchanges": profile["id"],
        "keys": next(each["kid"] for each in caller.get("/keys/signing").json or ()),
        "domains": domain["custom_domain_id"],
        "jobs": job,
        "invitations": invited["id"],
        "apps": app.client_id,
        "apis": server,
        "connections": world.connection_id,
        "users": jane.user_id,
        "roles": role,
        "members": owner.user_id,
        "logs": world.logs()[0].log_id,
    }
    rights = roles.rights([name], management_scopes())
    federated = (caller.post("/connections", {"name": "federated", "strategy": "ad", "options": LDAP}).json or {})["id"]
    objects = [(each, there.get(each.name, "-")) for each in navigation.resources()]
    objects = [*objects, *((each, federated) for each, _id in objects if each.name == "connections")]
    before, refused = len(world.logs("sapi")), 0
    for resource, id_ in objects:
        path = resource.path if resource.single else f"{resource.path}/{quote(id_, safe='')}"
        document = caller.get(f"/connections/{id_}").json or {} if resource.name == "connections" else {}
        for address, handler in forms(resource, path, document):
            opens = has(rights, resource.all or resource.read)
            if opens and has(rights, handler):
                continue
            browser.open(address, method="POST", site="same-origin", form=form)
            # where nothing is made or changed by anybody, or nothing to be seen for this person, there is no form
            absent = opens and (handler is None or hidden(resource, address, rights))
            absent |= opens and resource.name == "jobs" and not rights & LOOK  # a job about people is none of theirs
            expected = 404 if absent and not ROLES[name].shows else 403
            assert browser.status == expected, (address, browser.status)
            refused += expected == 403
    assert (refused == 0) == (name == "Owner")
    assert len(world.logs("sapi")) == before
