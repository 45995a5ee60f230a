"""Every type of log entry this product writes: Auth0's code, and what it means here. A code that is not here is
written nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "s": "Somebody signed in.",
    "f": "A sign-in ended without one: the user is blocked, refused the application, or the request was not one "
    "we answer.",
    "fp": "A sign-in failed: the password is wrong.",
    "fu": "A sign-in failed: nobody has that address or username.",
    "limit_wc": "A sign-in was refused because of too many wrong passwords for that account from that address.",
    "ssa": "An application signed somebody in silently, with the session that was there.",
    "fsa": "An application asked for a silent sign-in, and a page would have been needed.",
    "slo": "A session ended: the user, an application or the account page signed out.",
    "ss": "Somebody signed up.",
    "fs": "A sign-up failed: the address or username is taken.",
    "sv": "An address was verified with the link of a mail.",
    "fv": "An address was not verified: the link was spent, or the address has changed.",
    "svr": "A mail that asks to verify an address was put on its way.",
    "scp": "A password was changed, by its owner or by an administrator.",
    "fcp": "A password was not changed: the current one was wrong.",
    "scpr": "A mail with a link for a new password was put on its way.",
    "fcpr": "A link for a new password was asked for, and no account fits.",
    "sce": "An administrator changed a user's address.",
    "scu": "An administrator changed a user's username.",
    "scpn": "An administrator changed a user's phone number.",
    "sdu": "A user was deleted.",
    "ublkdu": "The block that wrong passwords brought was lifted.",
    "seacft": "An application exchanged a code for tokens.",
    "feacft": "The exchange of a code failed: it was spent, expired, another client's, or its verifier is wrong.",
    "sertft": "An application exchanged a refresh token.",
    "fertft": "The exchange of a refresh token failed.",
    "ferrt": "A refresh token that had been exchanged already came again: its whole family was revoked.",
    "seccft": "A client got a token for itself.",
    "feccft": "A client got no token for itself.",
    "srrt": "A refresh token was revoked.",
    "oidc_backchannel_logout_succeeded": "An application took a logout token.",
    "oidc_backchannel_logout_failed": "An application did not take a logout token; after a failed delivery it is "
    "sent again.",
    "sapi": "A call of the Management API changed something; `details` has the request and the answer without "
    "their secrets.",
    "fapi": "A call of the Management API that would have changed something was refused.",
}
