"""Who a person is to a client: the user's id, or a name that no other sector knows (OpenID Connect Core 8).

A pairwise name is the id under the tenant's key, with the sector for its context: the same each time, without a row,
and read back where a client names somebody (hints). Ids that would make it longer than 255 characters are hashed
instead.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from idp.applications.clients import sectors
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.secrets import b64url
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import subject_key

PAD = 48
"""Ids are filled up to a multiple of so many bytes, so that their length says little."""
NOBODY = "nobody|"
"""What the id of nobody begins with: no connection is called so, and no strategy."""
MOST = 144
"""Bytes of an id that is sealed: 255 characters are all that a subject has."""


def of(work: Work, client: ClientConfig, user_id: str) -> str:
    """What the client knows that user by."""
    sector = _sector(client)
    if sector is None:
        return user_id
    raw = user_id.encode()
    if len(raw) > MOST:
        raw = hashlib.sha256(raw).digest()
    filled = raw + b"\0" * (-len(raw) % PAD)
    return b64url(subject_key.sealed(work, filled, sector))


def user_of(work: Work, client: ClientConfig, subject: str) -> str:
    """The user whom the client knows by that name, which stands in a token of ours; one that is no name of its sector
    stays as it is: tokens from before it had names of its own have ids.
    """
    found = _opened(work, client, subject)
    return subject if found is None else found


def asked_for(work: Work, client: ClientConfig, subject: str) -> str:
    """The user whom the client asks for by that name. A client with names of its own asks for nobody by an id, whoever
    told it: it would learn which name is whose.
    """
    found = _opened(work, client, subject)
    return f"{NOBODY}{subject}" if found is None else found


def _opened(work: Work, client: ClientConfig, subject: str) -> str | None:
    sector = _sector(client)
    if sector is None:
        return subject
    try:
        raw = base64.b64decode(subject + "=" * (-len(subject) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    found = subject_key.opened(work, raw, sector)
    return None if found is None else found.rstrip(b"\0").decode("utf-8", "replace")


def _sector(client: ClientConfig) -> str | None:
    """None for clients that know people by their ids. One whose callbacks lost their one host, or lead to whatever
    machine the person sits at, is a sector of its own: it learns no names of others.
    """
    data = client.data
    if data.subject_type != sectors.PAIRWISE:
        return None
    found = sectors.of(data.callbacks, data.sector_identifier_uri)
    return client.client_id if found is None or found in sectors.LOCAL else found
