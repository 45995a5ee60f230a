"""``mfa-otp``, ``mfa-oob`` and ``mfa-recovery-code``: a person whose password a client passed on proves a second factor
(spec/authentication-api.md sections 3 and 5).
"""

from __future__ import annotations

from functools import partial

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import OAuthError, invalid_request, unauthorized_client
from idp.protocol.oauth.grants.contract import TokenRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens.proofs import PersonProof
from idp.signin.factors import api_tokens
from idp.signin.factors import policy as factors
from idp.signin.factors.api_tokens import Held
from idp.signin.factors.kinds.contract import Asked, Proof

AUTH0 = "http://auth0.com/oauth/grant-type"


class _SecondFactor:
    """What the three share. See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    grant_type = ""
    needs: tuple[str, ...] = ()

    def find(self, request: TokenRequest) -> None:
        """What is missing is said; the token is looked at once the client is known."""
        for name in ("mfa_token", *self.needs):
            if not request.params.get(name):
                raise invalid_request(f"Missing required parameter: {name}")

    def prove(self, request: TokenRequest, client: ClientConfig, _found: None) -> PersonProof:
        """Who it is, and with what. The token is this client's, and spent with what is issued."""
        if not client.allows(self.grant_type):
            raise unauthorized_client(f"Grant type '{self.grant_type}' not allowed for the client.")
        work = request.work
        token = api_tokens.held(work, request.params["mfa_token"], client.client_id)
        asked = Asked(bound_to="", client_id=client.client_id, application=client.name)
        proof, pending = self.proven(request, token, asked), token.pending
        told = {"recovery_code": proof.recovery_code} if proof.recovery_code else {}
        return PersonProof(
            user_id=pending.user_id,
            connection_id=pending.connection_id,
            amr=tuple(dict.fromkeys((*pending.methods, factors.MFA, *proof.amr))),
            audience=pending.audience,
            scope=pending.scope,
            gty=pending.gty,
            spend=partial(api_tokens.spend, work, token),
            told=told,
        )

    def proven(self, request: TokenRequest, token: Held, asked: Asked) -> Proof:
        """The second factor. Raises OAuthError."""
        raise OAuthError("unsupported_grant_type", "This grant proves nothing.")


class MfaOtp(_SecondFactor):
    """A code of an app."""

    grant_type = f"{AUTH0}/mfa-otp"
    success, failure = OAuthLog.OTP_EXCHANGED, OAuthLog.OTP_EXCHANGE_FAILED
    needs = ("otp",)

    def proven(self, request: TokenRequest, token: Held, asked: Asked) -> Proof:
        """See above."""
        return api_tokens.with_app(request.work, token, asked, request.params["otp"])


class MfaOob(_SecondFactor):
    """A code that was sent."""

    grant_type = f"{AUTH0}/mfa-oob"
    success, failure = OAuthLog.OOB_EXCHANGED, OAuthLog.OOB_EXCHANGE_FAILED
    needs = ("oob_code",)

    def proven(self, request: TokenRequest, token: Held, asked: Asked) -> Proof:
        """See above."""
        params = request.params
        return api_tokens.with_message(request.work, token, asked, params["oob_code"], params.get("binding_code", ""))


class MfaRecoveryCode(_SecondFactor):
    """A recovery code; the answer has the next one."""

    grant_type = f"{AUTH0}/mfa-recovery-code"
    success, failure = OAuthLog.RECOVERY_CODE_EXCHANGED, OAuthLog.RECOVERY_CODE_EXCHANGE_FAILED
    needs = ("recovery_code",)

    def proven(self, request: TokenRequest, token: Held, asked: Asked) -> Proof:
        """See above."""
        return api_tokens.with_recovery_code(request.work, token, asked, request.params["recovery_code"])
