"""Which tests run in one worker: those of a file, and those of files that share a counterpart that is slow to start.

pytest-xdist hands out single tests. A module's server or a domain controller would then start in every worker; and
its own mark for groups does nothing under pytest 9.2, which keeps a test's name elsewhere than xdist 3.8 writes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

CLUSTER = "cluster"
"""Several processes and stores of their own: one at a time."""

SHARED = {
    "tests/ops/test_memory.py": CLUSTER,
    "tests/ops/test_cluster.py": CLUSTER,
    "tests/ops/test_procfile.py": CLUSTER,
    "tests/ops/test_stores_away.py": CLUSTER,
    "tests/ops/test_replica.py": CLUSTER,
    "tests/rp/test_saml_service_providers.py": "simplesamlphp",
    "tests/e2e/test_saml_source.py": "simplesamlphp",
    "tests/rp/test_conformance_openid.py": "conformance",
    "tests/rp/test_conformance_logout.py": "conformance",
    "tests/rp/test_conformance_fapi.py": "conformance",
    "tests/rp/test_oauth4webapi.py": "conformance",
    "tests/rp/test_nimbus.py": "conformance",
    "tests/rp/test_go_oidc.py": "conformance",
    "tests/flows/test_moving_here.py": "scripts",
    "tests/flows/test_profile_scripts.py": "scripts",
    "tests/connectors/test_custom_databases.py": "scripts",
    "tests/connectors/test_custom_web_service.py": "scripts",
    "tests/contracts/scripts/": "scripts",
    "tests/connectors/test_sql_server.py": "scripts",
    "tests/flows/test_directory_sign_in.py": "directories",
    "tests/flows/test_kerberos.py": "directories",
    "tests/e2e/test_kerberos.py": "directories",
    "tests/connectors/ldap/": "directories",
}
"""The group of each file or folder that shares one; every other file is a group of its own."""

ALONE = frozenset({"tests/house/test_contributing.py"})
"""Files whose tests share nothing and take long: they are handed out one by one."""


SECONDS = {
    "tests/rp/test_deploy_cli.py": 40.0,
    "tests/house/test_static_checks.py": 30.0,
    "tests/house/test_contributing.py": 8.0,
    "tests/ops/test_memory.py": 50.0,
    "tests/ops/": 8.0,
    "tests/scale/test_bulk.py": 8.0,
    "tests/scale/test_dashboard.py": 90.0,
    "tests/foundation/db/test_migrated_rows.py": 8.0,
    "tests/e2e/test_dashboard.py": 4.0,
    "tests/e2e/test_dashboard_paint.py": 8.0,
    "tests/rp/": 5.0,
    "tests/api_v2/test_accepted_documents.py": 4.0,
    "tests/api_v2/test_schemathesis.py": 4.0,
    "tests/e2e/": 2.0,
    "tests/processes/cli/test_what_is_wrong.py": 0.3,
    "tests/processes/cli/": 3.0,
    "tests/tenant/audit/test_log_plans.py": 3.0,
    "tests/house/test_worlds.py": 3.0,
    "tests/house/test_features.py": 0.2,
    "tests/foundation/db/test_plans.py": 1.0,
    "tests/foundation/db/test_online_indexes.py": 2.0,
    "tests/connectors/ldap/": 1.0,
    "tests/scale/": 0.7,
    "tests/api_v2/test_many_users.py": 0.5,
}
"""What a test there takes, about, where that is far from :data:`ORDINARY`: what takes long begins first, so that no
worker is left alone with it at the end.
"""
ORDINARY = 0.08


def group(nodeid: str) -> str:
    """The group that a test belongs to."""
    file = nodeid.partition("::")[0]
    if file in ALONE:
        return nodeid
    return SHARED.get(file) or next((name for start, name in SHARED.items() if file.startswith(start)), file)


def seconds(nodeid: str) -> float:
    """What a test takes, about."""
    return next((each for start, each in SECONDS.items() if nodeid.startswith(start)), ORDINARY)


def longest_first(nodeids: Iterable[str]) -> list[str]:
    """The groups of those tests, in the order in which they begin."""
    whole: dict[str, float] = {}
    for nodeid in nodeids:
        name = group(nodeid)
        whole[name] = whole.get(name, 0.0) + seconds(nodeid)
    return sorted(whole, key=lambda name: -whole[name])


class ByFile(LoadScopeScheduling):
    """Hands whole groups to the workers, in the order of the collection (:func:`in_order`)."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)

    def _assign_work_unit(self, node: Any) -> None:
        """Groups that are done are forgotten: xdist counts through all that it keeps after every test."""
        kept = self.assigned_work.get(node, {})
        self.assigned_work[node] = {name: unit for name, unit in kept.items() if not all(unit.values())}
        super()._assign_work_unit(node)


def in_order(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a worker of xdist the tests of a group stand together, and those that take longest come first."""
    if hasattr(config, "workerinput"):
        place = {name: number for number, name in enumerate(longest_first(item.nodeid for item in items))}
        items.sort(key=lambda item: place[group(item.nodeid)])


def scheduler(config: pytest.Config, log: Any) -> ByFile | None:
    """The scheduler of ``--dist loadgroup``; other ways to distribute stay xdist's own."""
    if config.getvalue("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False  # it would go by the number of tests
    return ByFile(config, log)
