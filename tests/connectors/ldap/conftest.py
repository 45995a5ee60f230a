"""A connector on its own, as the product opens it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.contract import ConnectorContext
from connectors.ldap import servers
from connectors.ldap.connector import STRATEGY, LdapConnector
from connectors.ldap.options import LdapOptions
from idp.directory.connections.outbound import Dialer
from idp.directory.connections.own_keys import Once
from idp.foundation.kernel import clock
from tests.counterparts.samba_ad import ADMIN_PASSWORD, USERS, PrivateDomain
from tests.counterparts.samba_ad import BASE as DOMAIN_BASE
from tests.counterparts.slapd import BASE, SERVICE, SERVICE_PASSWORD, PrivateSlapd
from tests.world.world import World

Connect = Callable[..., LdapConnector]


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Connections and servers that are down are remembered by the process."""
    servers.forget()
    yield
    servers.forget()


@pytest.fixture
def environment() -> dict[str, str]:
    """Every address of loopback may be reached: the domain controller has one of its own."""
    return {"IDP_OUTBOUND_ALLOW": "127.0.0.0/8"}


@pytest.fixture
def connect(world: World) -> Iterator[Connect]:
    """Opens a connector with these options."""
    with world.context() as work:

        def opened(**options: Any) -> LdapConnector:
            read = STRATEGY.read(options)
            assert isinstance(read, LdapOptions)
            context = ConnectorContext(
                connection_id="con_test",
                connection_name="corp",
                options=read,
                strategy=STRATEGY,
                dialer=Dialer(work),
                clock=clock.now_ms,
                once=Once(work, "con_test"),
            )
            return LdapConnector(context)

        yield opened


def slapd_options(slapd: PrivateSlapd, **more: Any) -> dict[str, Any]:
    """Of a connection to that server."""
    return {
        "directory_type": "ldap",
        "urls": [f"ldap://127.0.0.1:{slapd.port}"],
        "ca": slapd.authority.pem,
        "bind_dn": SERVICE,
        "bind_password": SERVICE_PASSWORD,
        "base_dn": BASE,
        **more,
    }


def domain_options(domain: PrivateDomain, **more: Any) -> dict[str, Any]:
    """Of a connection to that domain controller."""
    return {
        "urls": [f"ldaps://{domain.address}"],
        "ca": domain.authority.pem,
        "bind_dn": f"CN=Administrator,{USERS}",
        "bind_password": ADMIN_PASSWORD,
        "base_dn": DOMAIN_BASE,
        **more,
    }
