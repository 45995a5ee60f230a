"""Access tokens that come to endpoints of this provider: by which scheme, and with the proof that they need (RFC 6750,
RFC 9449 7, RFC 8705 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from idp.applications.clients import runtime as clients
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call
from idp.protocol.possession import certificates, dpop, proofs, shown
from idp.protocol.tokens.binding import JKT, Binding, Shown

BEARER, DPOP = "Bearer", "DPoP"
BAD_REQUEST, UNAUTHORIZED = HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED
CHALLENGE, REALM = "WWW-Authenticate", "Gatehouse"
SCHEMES = {"bearer": BEARER, "dpop": DPOP}
METADATA = ".well-known/oauth-protected-resource"
"""Where an API of ours says what it takes, below the issuer (RFC 9728 3)."""


@dataclass(frozen=True)
class Sent:
    """A token, and the scheme that it came by."""

    token: str
    scheme: str = BEARER


def sent(authorization: str | None) -> Sent | None:
    """The token of the header ``Authorization``; None where there is none, or something else."""
    scheme, _, token = (authorization or "").partition(" ")
    known = SCHEMES.get(scheme.lower())
    return Sent(token.strip(), known) if known is not None and token.strip() else None


def check(work: Work, call: Call, came: Sent, bound: Binding | None, client_id: str) -> str | None:
    """Whoever sends the token of that client holds what it is ``bound`` to; answers the nonce for the next proof, where
    there is a new one. What the token gives is the caller's to know before: a proof that is good is spent here.

    :raises OAuthError: 401 ``invalid_token`` for a bound token that comes as a bearer's, and the other way round;
        ``invalid_dpop_proof``, ``use_dpop_nonce``.
    """
    if bound is None or bound.method != JKT:
        if came.scheme == DPOP:
            raise _invalid("The access token is not bound to the key of DPoP proofs")
        if bound is not None and not Shown(x5t=certificates.thumbprint(work)).proves(bound):
            raise _invalid("The access token is bound to a client certificate, which did not come along")
        return None
    if came.scheme != DPOP:
        raise _invalid("The access token is bound to a key: it comes by the scheme DPoP, with a proof")
    try:
        return _proved(work, call, came, bound, client_id)
    except OAuthError as problem:
        problem.status = UNAUTHORIZED if problem.status == BAD_REQUEST else problem.status
        raise


def _proved(work: Work, call: Call, came: Sent, bound: Binding, client_id: str) -> str | None:
    if call.dpop is None:
        raise OAuthError(proofs.INVALID, "A DPoP proof is required, and there is none")
    client = clients.find(work, client_id)
    wants = client is not None and shown.wants_nonce(work, client)
    checked = proofs.check(work, call, client, wants_nonce=wants, token=came.token)
    if checked.proof.jkt != bound.thumbprint:
        raise _invalid("The access token is bound to another key")
    proofs.spend(work, checked)
    return checked.next_nonce


def challenges(work: Work, api: str, call: Call, problem: OAuthError | None) -> list[tuple[str, str]]:
    """The headers of a refusal by the API of ours at ``api``, below the issuer: for the scheme that was used, or for
    both where it was no DPoP (RFC 9449 7.1, 7.2).
    """
    used = (call.authorization or "").partition(" ")[0].lower()
    if used == DPOP.lower():
        said = [challenge(DPOP, problem, realm=REALM)]
    else:
        said = [challenge(BEARER, problem, realm=REALM), challenge(DPOP, None, realm=REALM)]
    return [(CHALLENGE, described(work, api, each)) for each in said]


def described(work: Work, api: str, said: str) -> str:
    """The challenge, with the address where the API at ``api`` says which tokens it takes and who gives them (RFC 9728
    5.1): a client that knows the API alone finds its way from there.
    """
    return f'{said}, resource_metadata="{work.config.issuer}{METADATA}/{api}"'


def challenge(scheme: str, problem: OAuthError | None, *, realm: str = "") -> str:
    """``WWW-Authenticate`` for that scheme; ``problem`` None: nothing was sent that could be wrong (RFC 6750 3)."""
    members = {"realm": realm} if realm else {}
    if problem is not None:
        members |= {"error": problem.error, "error_description": problem.description}
    if scheme == DPOP:
        members["algs"] = " ".join(dpop.ALGORITHMS)
    return f"{scheme} " + ", ".join(f'{name}="{value}"' for name, value in members.items())


def _invalid(why: str) -> OAuthError:
    return OAuthError("invalid_token", why, status=401)
