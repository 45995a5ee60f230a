"""How the installation itself is (``/admin/settings/installation``): what it runs on, what ``idp doctor`` says of it,
what secrets are sealed with, and how a copy is made. For Owners of the default tenant: it is no business of others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from idp import __version__
from idp.admin.desk.frame import Moved, Shown, Visit
from idp.admin.desk.resource import Resource
from idp.foundation.apikit import Api, View
from idp.foundation.db import resealing
from idp.foundation.ephemeral import limits
from idp.foundation.kernel import clock
from idp.foundation.settings import Settings
from idp.foundation.tenancy.work import Work
from idp.tenant.members.roles import READ_INSTALLATION
from idp.tenant.settings import backups, condition

api = Api("installation")
PATH = "/admin/settings/installation"


class InstallationView(View):
    """What runs, and whether for development."""

    version: str
    development: bool


@api.get("/installation", scopes={READ_INSTALLATION}, summary="Get the installation")
def get_installation(work: Work) -> InstallationView:
    """Declared for its right: the page asks the installation itself."""
    return InstallationView(__version__, work.platform.settings.development)


def _page(visit: Visit, resource: Resource) -> Shown | Moved:
    """The page; by POST with what is wrong, which somebody sees who signed in a moment ago."""
    settings, asked = visit.work.platform.settings, visit.method == "POST"
    if asked and not visit.fresh:
        return Moved(visit.href(PATH), fresh=True)
    too_often = asked and limits.exceeded(visit.work, limits.INSTALLATION_CHECKS, "") is not None
    checked = asked and not too_often
    facts: Mapping[str, Any] = {
        "version": __version__,
        "environment": "development" if settings.development else "production",
        "database": "SQLite" if settings.sqlite else "PostgreSQL",
        "address": settings.public_url,
    }
    return Shown(
        "admin/installation/page.html",
        visit.texts.t("installation.title"),
        {
            "resource": resource,
            "action": visit.href(PATH),
            "facts": facts,
            "redis": bool(settings.redis_url),
            "found": condition.found(settings) if checked else None,
            "keys": visit.work.platform.sealer.key_ids,
            "needed": resealing.in_use(visit.work.platform.db) if checked else None,
            "problem": visit.texts.t("installation.tooOften") if too_often else "",
            "backup": backup(settings),
            "copied_at": visit.work.rows.scalar(backups.last(visit.work.tenant_id)) or 0,
            "old_ms": backups.OLD_MS,
            "now": clock.now_ms(),
        },
        status=429 if too_often else 200,
        current=f"{resource.group}/{resource.name}",
    )


def backup(settings: Settings) -> str:
    """The command that makes a copy: a database file of SQLite, an archive for ``pg_restore`` of Postgres."""
    return f"idp backup gatehouse-$(date +%F).{'db' if settings.sqlite else 'dump'}"


def _suggest(_visit: Visit, _text: str, _most: int) -> Sequence[tuple[str, str]]:
    """There is one."""
    return ()


RESOURCES = (
    Resource(
        group="settings",
        name="installation",
        read=get_installation,
        page=_page,
        suggest=_suggest,
        aliases=("doctor", "backup", "health", "encryption keys", "master key", "version"),
    ),
)
