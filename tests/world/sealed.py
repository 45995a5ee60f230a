"""Values as the release before sealed them: bound to no place."""

import os

from idp.foundation.kernel.secrets import Sealer, b64url


def as_before(sealer: Sealer, text: str) -> str:
    """``text`` in the format ``v1``, under the sealer's newest key."""
    key_id, nonce = sealer.newest, os.urandom(12)
    return f"v1.{key_id}.{b64url(nonce + sealer.cipher(key_id).encrypt(nonce, text.encode(), key_id.encode()))}"
