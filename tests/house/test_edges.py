"""Only edges know Flask. The import contracts forbid it module by module; this list is of those that may, so that a
module with a new name is refused until somebody says that it is an edge.
"""

from __future__ import annotations

import ast
from importlib import import_module

from idp.management.calls import Edge
from tests.house.source import modules, tree

WEB = {"flask", "flask_login", "werkzeug"}
EDGES = {
    "idp.account.data_views",
    "idp.account.factor_views",
    "idp.account.own_views",
    "idp.account.passkey_pages",
    "idp.account.signed_in",
    "idp.admin.desk.kept",
    "idp.admin.desk.pages",
    "idp.admin.desk.preferences",
    "idp.admin.desk.uploads",
    "idp.admin.desk.preview",
    "idp.admin.desk.tenants",
    "idp.admin.desk.word_previews",
    "idp.admin.signed_in",
    "idp.app",
    "idp.directory.users.avatars",
    "idp.error_edge",
    "idp.foundation.tenancy.cookies",
    "idp.foundation.tenancy.http",
    "idp.foundation.tenancy.page_context",
    "idp.management.calls",
    "idp.management.errors",
    "idp.management.mount",
    "idp.my_account.errors",
    "idp.my_account.mount",
    "idp.operations.dev.sample_app",
    "idp.protocol.authentication.cross_origin",
    "idp.protocol.authentication.dbconnections",
    "idp.protocol.authentication.embedded_form",
    "idp.protocol.authentication.links",
    "idp.protocol.authentication.mfa",
    "idp.protocol.authentication.passkeys",
    "idp.protocol.authentication.passwordless",
    "idp.protocol.authentication.well_known",
    "idp.signin.login.callback",
    "idp.signin.login.error_pages",
    "idp.signin.login.link_pages",
    "idp.signin.login.negotiation_pages",
    "idp.signin.login.pages",
    "idp.signin.login.passkey_options",
    "idp.signin.login.connecting_pages",
    "idp.signin.login.trial_pages",
}
"""Beside every module called ``views``, the foundation's pages (``idp.foundation.web``) and the endpoints of OAuth."""
OAUTH = "idp.protocol.oauth"
OAUTH_DECIDES = (
    "grants",
    "client_auth",
    "authorize.steps",
    "authorize.pipeline",
    "logout.request",
    "logout.question",
    "simulation",
)


def is_edge(name: str) -> bool:
    if name.startswith(f"{OAUTH}."):
        return not name.removeprefix(f"{OAUTH}.").startswith(OAUTH_DECIDES)
    return name in EDGES or name.endswith(".views") or name.startswith("idp.foundation.web.")


def imported(name: str) -> set[str]:
    """The heads of what the module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree(modules()[name])):
        if isinstance(node, ast.Import):
            found |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_only_edges_import_flask() -> None:
    knowing = {name for name in modules() if imported(name) & WEB}
    assert knowing, "the search looks where things are"
    assert {name for name in knowing if not is_edge(name)} == set()


def test_every_edge_that_is_named_here_is_one() -> None:
    assert {name for name in EDGES if not imported(name) & WEB} == set()


def test_apis_share_what_is_done_with_a_call() -> None:
    """Path, browsers of other origins, counting, body: in :mod:`idp.management.calls` and nowhere else."""
    for name in ("idp.management.mount", "idp.my_account.mount"):
        edge = import_module(name)._Edge
        assert issubclass(edge, Edge), name
        assert not {"answer", "admit", "raw"} & vars(edge).keys(), name
