"""The one ordered list of what is mounted, and the wiring that lower layers may not do themselves (architecture.md,
import rules 3, 5).

Connector strategies, the credential store, task handlers and event reactions are injected here; a broken one is a
start-up error.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask

from connectors.database import DatabaseConnector
from idp.account import views as account
from idp.admin import views as admin
from idp.applications.clients import reactions as client_reactions
from idp.directory.connections import reactions as connection_reactions
from idp.directory.connections.runtime import runtime as connectors
from idp.directory.users import avatars
from idp.directory.users import reactions as user_reactions
from idp.directory.users.credentials import Credentials
from idp.directory.users.hasher import hasher
from idp.foundation.kernel.events import SessionEnded
from idp.foundation.queue import tasks
from idp.foundation.tenancy.reactions import On, subscribe
from idp.foundation.tenancy.work import Platform
from idp.foundation.web import assets, well_known
from idp.management import mount as management
from idp.management import reactions as management_reactions
from idp.operations.dev import views as dev
from idp.operations.health import views as health
from idp.protocol.oauth import discovery, introspection, revocation, token, userinfo
from idp.protocol.oauth.authorize import views as authorize
from idp.protocol.oauth.logout import backchannel, rp_initiated, v2
from idp.protocol.tokens import reactions as token_reactions
from idp.signin.login import email_links, reset
from idp.signin.login import views as login
from idp.tenant.mail import service as mail

BLUEPRINTS: tuple[Blueprint, ...] = (
    assets.assets,
    well_known.blueprint,
    avatars.blueprint,
    discovery.blueprint,
    authorize.blueprint,
    token.blueprint,
    userinfo.blueprint,
    introspection.blueprint,
    revocation.blueprint,
    rp_initiated.blueprint,
    v2.blueprint,
    login.blueprint,
    email_links.blueprint,
    account.blueprint,
    admin.blueprint,
    health.blueprint,
    dev.blueprint,
)

HANDLERS = {mail.TASK: mail.deliver, reset.TASK: reset.send_link, backchannel.TASK: backchannel.send}

REACTIONS: tuple[On[Any], ...] = (
    *client_reactions.REACTIONS,
    *connection_reactions.REACTIONS,
    *user_reactions.REACTIONS,
    *management_reactions.REACTIONS,
    *token_reactions.REACTIONS,
    On(SessionEnded, backchannel.on_session_ended),
)

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
    for on in REACTIONS:
        subscribe(on)


def mount(app: Flask, platform: Platform) -> None:
    """Put every feature into ``app``."""
    wire()
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    management.register(app, platform)
    documents = discovery.ReadyDocuments(platform)
    app.extensions["ready_bytes"] = (documents.paths, documents.build, documents.version)
