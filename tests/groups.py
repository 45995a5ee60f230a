"""Which tests run in one worker: those of a file, and those of files that share a counterpart that is slow to start.

pytest-xdist hands out single tests. A module's server or a domain controller would then start in every worker; and
its own mark for groups does nothing under pytest 9.2, which keeps a test's name elsewhere than xdist 3.8 writes it.
"""

from __future__ import annotations

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
    "tests/flows/test_moving_here.py": "scripts",
    "tests/flows/test_profile_scripts.py": "scripts",
    "tests/connectors/test_custom_databases.py": "scripts",
    "tests/contracts/test_scripts.py": "scripts",
    "tests/connectors/test_sql_server.py": "scripts",
    "tests/flows/test_directory_sign_in.py": "directories",
    "tests/flows/test_kerberos.py": "directories",
    "tests/e2e/test_kerberos.py": "directories",
    "tests/connectors/ldap/": "directories",
}
"""The group of each file or folder that shares one; every other file is a group of its own."""

ALONE = frozenset({"tests/house/test_contributing.py"})
"""Files whose tests share nothing and take long: they are handed out one by one."""


def group(nodeid: str) -> str:
    """The group that a test belongs to."""
    file = nodeid.partition("::")[0]
    if file in ALONE:
        return nodeid
    return SHARED.get(file) or next((name for start, name in SHARED.items() if file.startswith(start)), file)


class ByFile(LoadScopeScheduling):
    """Hands whole groups to the workers, the largest first, so that none is left with one at the end."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def scheduler(config: pytest.Config, log: Any) -> ByFile | None:
    """The scheduler of ``--dist loadgroup``; other ways to distribute stay xdist's own."""
    return ByFile(config, log) if config.getvalue("dist") == "loadgroup" else None
