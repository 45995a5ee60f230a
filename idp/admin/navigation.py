"""The resources of the dashboard in the groups and the order of its navigation; a new one has its line here."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from idp.admin.desk.resource import Resource
from idp.foundation.kernel import struct_types

MODULES = (
    "idp.admin.apps",
    "idp.admin.apis",
    "idp.admin.exchanges",
    "idp.admin.registered",
    "idp.admin.registration",
    "idp.admin.signals",
    "idp.admin.connections",
    "idp.admin.profile",
    "idp.admin.users",
    "idp.admin.roles",
    "idp.admin.invitations",
    "idp.admin.branding",
    "idp.admin.prompt_texts",
    "idp.admin.partials",
    "idp.admin.domains",
    "idp.admin.mailer",
    "idp.admin.mails",
    "idp.admin.phone",
    "idp.admin.messages",
    "idp.admin.deliveries",
    "idp.admin.shields",
    "idp.admin.mfa",
    "idp.admin.blocks",
    "idp.admin.threats",
    "idp.admin.logs",
    "idp.admin.tail",
    "idp.admin.jobs",
    "idp.admin.authorization",
    "idp.admin.simulator",
    "idp.admin.tokens",
    "idp.admin.requests",
    "idp.admin.administrators",
    "idp.admin.keys",
    "idp.admin.tenant",
    "idp.admin.installation",
)


@cache
def resources() -> tuple[Resource, ...]:
    """Every resource. They are imported when the dashboard is first asked for: other processes never pay for them."""
    found = tuple(resource for name in MODULES for resource in import_module(name).RESOURCES)
    struct_types.prepare()
    return found


def find(group: str, name: str) -> Resource | None:
    """The resource at ``/admin/<group>/<name>``."""
    return next((each for each in resources() if (each.group, each.name) == (group, name)), None)


def called(group: str, name: str) -> Resource | None:
    """The resource that ``/admin/<group>/<name>`` leads on to."""
    return next((each for each in resources() if each.group == group and name in each.addresses), None)


def named(name: str) -> Resource | None:
    """The resource of that name, whatever its group."""
    return next((each for each in resources() if each.name == name), None)
