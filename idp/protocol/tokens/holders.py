"""Whoever redeems what is bound to a key or a certificate shows that they hold it, and what they get in exchange is
bound on.
"""

from __future__ import annotations

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import binding
from idp.protocol.tokens.binding import Binding, Shown
from idp.protocol.tokens.proofs import UserProof


def check(proof: UserProof, shown: Shown) -> None:
    """A code (RFC 9449 10) or refresh token (section 5, RFC 8705 4) comes with what it is bound to.

    :raises OAuthError: ``invalid_grant`` where it does not.
    """
    granted = proof.authorization
    if granted.code_used_at is None and granted.request.dpop_jkt is not None:
        binding.check(Binding(binding.JKT, granted.request.dpop_jkt), shown, "authorization code")
    binding.check(proof.bound, shown, "refresh token")


def of_refresh_token(work: Work, client: ClientConfig, proof: UserProof, access: Binding | None) -> Binding | None:
    """To what the next refresh token is bound: as the one before it, else as the access token beside it, where the
    client does not authenticate or the tenant wants it so (``dpop_strict_refresh_token_binding``).
    """
    if proof.bound is not None:
        return proof.bound
    return access if client.public or work.config.settings.dpop_strict_refresh_token_binding else None
