"""Who is locked out (``/admin/security/blocks``): names with too many wrong passwords and networks that try too much.
Anybody is looked up by name or address; the latest stand below; whoever is locked out is let in again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from idp.admin.desk import operations
from idp.admin.desk.frame import Moved, Shown, Visit
from idp.admin.desk.resource import Resource
from idp.foundation.kernel.errors import ManagementError, NotFound
from idp.foundation.kernel.networks import is_address
from idp.signin.attack_protection import api as blocks

NAME, NETWORK = "identifier", "network"
MAX_TYPED = 300


def _page(visit: Visit, resource: Resource) -> Shown | Moved:
    """The page, and what its forms do."""
    if visit.method == "POST":
        return _let_in(visit, resource)
    work, asked = visit.work, visit.query.get("q", "").strip()[:MAX_TYPED]
    sees_networks = operations.may(work, blocks.list_networks)
    return Shown(
        "admin/blocks/page.html",
        visit.texts.t("blocks.title"),
        {
            "resource": resource,
            "q": asked,
            "action": visit.href(resource.path),
            "found": _found(visit, asked) if asked else None,
            "locked": operations.call(work, blocks.list_locked)["blocked_for"],
            "networks": operations.call(work, blocks.list_networks)["networks"] if sees_networks else (),
            "sees_networks": sees_networks,
            "may_unlock": operations.may(work, blocks.delete_by_identifier),
            "may_lift": operations.may(work, blocks.unblock_ip),
            "users": lambda name: visit.href("/admin/users", q=name),
        },
        current=f"{resource.group}/{resource.name}",
    )


def _found(visit: Visit, asked: str) -> Mapping[str, Any]:
    """What is known of a name or an address."""
    if not is_address(asked):
        answer = operations.call(visit.work, blocks.list_by_identifier, {}, query={NAME: asked})
        return {"network": "", "blocked": bool(answer["blocked_for"]), "blocks": answer["blocked_for"]}
    try:
        operations.call(visit.work, blocks.check_ip, {"id": asked})
    except NotFound:
        return {"network": asked, "blocked": False, "blocks": ()}
    return {"network": asked, "blocked": True, "blocks": ()}


def _let_in(visit: Visit, resource: Resource) -> Shown | Moved:
    name, network = visit.form.get(NAME, "")[:MAX_TYPED], visit.form.get(NETWORK, "")[:64]
    if network:
        operations.call(visit.work, blocks.unblock_ip, {"id": network.partition("/")[0]})
        return Moved(visit.href(resource.path, q=visit.form.get("q") or None, done="blocks.done.network"))
    if not name:
        raise ManagementError(visit.texts.t("blocks.nobody"))
    operations.call(visit.work, blocks.delete_by_identifier, {}, query={NAME: name})
    return Moved(visit.href(resource.path, q=visit.form.get("q") or None, done="blocks.done.name"))


def _suggest(_visit: Visit, _text: str, _most: int) -> Sequence[tuple[str, str]]:
    """Whoever is locked out is found on the page alone."""
    return ()


RESOURCES = (
    Resource(
        group="security",
        name="blocks",
        read=blocks.list_locked,
        page=_page,
        suggest=_suggest,
        aliases=("Blocked users", "Blocked IPs", "user-blocks", "anomaly", "unblock", "brute force"),
    ),
)
