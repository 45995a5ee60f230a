"""The one ordered list of what is mounted, and the wiring that lower layers may not do themselves (architecture.md, import rules 3, 5).

Connector strategies, the credential store, task handlers and event reactions are injected here; a broken one is a start-up error.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask

from connectors.database import DatabaseConnector
from idp.account import views as account
from idp.admin import views as admin
from idp.clients import reactions as client_reactions
from idp.connections.runtime import runtime as connectors
from idp.dev import views as dev
from idp.health import views as health
from idp.kernel.events import bus
from idp.login import landing, reset
from idp.login import views as login
from idp.mail import service as mail
from idp.management import mount as management
from idp.oauth import discovery, introspection, revocation, token, userinfo
from idp.oauth.authorize import views as authorize
from idp.oauth.logout import backchannel, rp_initiated, v2
from idp.queue import tasks
from idp.tenants.context import Platform
from idp.users import avatars
from idp.users.credentials import Credentials
from idp.users.hasher import hasher
from idp.web import assets, well_known

BLUEPRINTS: tuple[Blueprint, ...] = (
    assets.assets, well_known.blueprint, avatars.blueprint, discovery.blueprint, authorize.blueprint, token.blueprint,
    userinfo.blueprint, introspection.blueprint, revocation.blueprint, rp_initiated.blueprint, v2.blueprint, login.blueprint,
    landing.blueprint, account.blueprint, admin.blueprint, health.blueprint, dev.blueprint,
)  # fmt: skip

HANDLERS = {mail.TASK: mail.deliver, reset.TASK: reset.send_link, backchannel.TASK: backchannel.send}

_wired: list[bool] = []


def wire() -> None:
    """Fill the registries of this process, once."""
    if _wired:
        return
    _wired.append(True)
    connectors.factories = {"auth0": DatabaseConnector}
    connectors.credentials = Credentials
    connectors.hasher = hasher
    for name, handler in HANDLERS.items():
        tasks.register(name, handler)
    subscribe: tuple[Callable[..., None], ...] = (client_reactions.subscribe,)
    for each in subscribe:
        each(bus)
    bus.on("session.ended", backchannel.on_session_ended)


def mount(app: Flask, platform: Platform) -> None:
    """Put every feature into ``app``."""
    wire()
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    management.register(app, platform)
    documents = discovery.ReadyDocuments(platform)
    app.extensions["ready_bytes"] = (documents.paths, documents.build, documents.version)
