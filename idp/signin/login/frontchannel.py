"""Front-Channel Logout 1.0: the frames of the signed-out page, one per client that registered an address.

Here and not in ``oauth``, since the account page signs people out too.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from idp.applications.clients import runtime as clients
from idp.foundation.kernel.redirects import with_params
from idp.foundation.tenancy.work import Work
from idp.foundation.web.security import source
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession

Frames = Callable[[Work, LiveSession, str | None], list[str]]
"""Answers addresses for a session that is about to end; the last is the client that asked for it."""
_further: list[str] = []


def register(name: str) -> None:
    """``module:function`` of one more :data:`Frames`, which another protocol knows. It is loaded when somebody signs
    out.
    """
    if name not in _further:
        _further.append(name)


def frame_urls(work: Work, session: LiveSession, client_id: str | None = None) -> list[str]:
    """``frontchannel_logout_uri`` of each client of the session, with ``iss`` and ``sid`` and nothing else added, and
    what other protocols have. ``client_id`` asked for the sign-out.
    """
    found = []
    for each in sessions.clients(work, session.id):
        client = clients.find(work, each)
        if client is not None and client.data.frontchannel_logout_uri:
            found.append(
                with_params(client.data.frontchannel_logout_uri, {"iss": work.config.issuer, "sid": session.id})
            )
    for name in _further:
        module, _, function = name.partition(":")
        further: Frames = getattr(import_module(module), function)
        found += further(work, session, client_id)
    return found


def origins(urls: list[str]) -> list[str]:
    """What ``frame-src`` has to allow."""
    return sorted({origin for origin in map(source, urls) if origin})
