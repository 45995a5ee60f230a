"""``password`` (RFC 6749 4.3), Auth0's ``password-realm`` and ``passwordless/otp``: a person proves to the client who
they are, and the client passes it on. No client has these grants unless it asks for them.
"""

from __future__ import annotations

from connectors.contract import ConnectorError, InvalidCredentials
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.kernel.errors import OAuthError, invalid_grant, invalid_request, unauthorized_client
from idp.protocol.oauth.client_auth import forwarded
from idp.protocol.oauth.grants.contract import TokenRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens import audiences, gate
from idp.protocol.tokens.proofs import PersonProof
from idp.signin.factors import api_tokens
from idp.signin.factors import policy as factors
from idp.signin.factors import settings as factor_settings
from idp.signin.factors.policy import Need
from idp.signin.login import direct
from idp.signin.login.direct import Proven
from idp.signin.passwordless import service as passwordless

LONGEST, LONGEST_SCOPE = 320, 4_096
AUTH0 = "http://auth0.com/oauth/grant-type"


class ResourceOwner:
    """What all of them share. See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    success = OAuthLog.PASSWORD_EXCHANGED
    failure = OAuthLog.PASSWORD_EXCHANGE_FAILED
    grant_type = ""
    needs: tuple[str, ...] = ()
    gty = "password"

    def find(self, request: TokenRequest) -> None:
        """Nothing is stored for it; what is missing is said."""
        for name in self.needs:
            if not request.params.get(name):
                raise invalid_request(f"Missing required parameter: {name}")

    def prove(self, request: TokenRequest, client: ClientConfig, _found: None) -> PersonProof:
        """Who it is. Whether the client may ask at all is looked at first: it would learn whether a password fits."""
        if not client.allows(self.grant_type):
            raise unauthorized_client(f"Grant type '{self.grant_type}' not allowed for the client.")
        request.work.ip = forwarded.address(request.forwarded_for, client) or request.work.ip
        try:
            proven = self.proven(request, client)
        except direct.TooMany as error:
            raise OAuthError(
                "too_many_attempts", f"Too many attempts. Try again in {error.wait_s} seconds.", status=429
            ) from error
        except InvalidCredentials as error:
            raise invalid_grant(self.wrong()) from error
        except direct.NeedsChallenge as error:
            raise OAuthError("requires_verification", direct.NEEDS_CHALLENGE) from error
        except direct.Breached as error:
            raise OAuthError("password_leaked", direct.BREACHED) from error
        except direct.Blocked as error:
            raise invalid_grant(gate.BLOCKED) from error
        except ConnectorError as error:
            raise OAuthError("temporarily_unavailable", error.message, status=503, detail=error.detail) from error
        self.refuse_without_factor(request, client, proven)
        return PersonProof(
            user_id=proven.user.user_id,
            connection_id=proven.connection.id,
            amr=proven.methods,
            audience=request.audience,
            scope=request.params.get("scope"),
            gty=self.gty,
            act=proven.act,
        )

    def refuse_without_factor(self, request: TokenRequest, client: ClientConfig, proven: Proven) -> None:
        """Raises OAuthError ``mfa_required`` where the tenant's policy asks for a second factor, with the token by
        which the client goes on. No browser is known here: what goes by that does not count.
        """
        work, user = request.work, proven.user
        audience = (request.meant or "")[: audiences.MAX_AUDIENCE]
        step_up = factors.steps_up(work, audience, user.factors)
        if factors.MFA in proven.methods or not (step_up or factor_settings.of(work).always):
            return
        signing_in = factors.SignIn(
            user_id=user.user_id,
            factors=user.factors,
            methods=[{"name": each} for each in proven.methods],
            last_seen_at=0,
            step_up=step_up,
            connection_id=proven.connection.id,
        )
        match factors.need(work, signing_in):
            case Need.NOTHING:
                return
            case Need.IMPOSSIBLE:
                raise OAuthError("access_denied", "No factor of the user can be asked for.")
            case _ if proven.act is not None:  # by their own factor they would get tokens in which nobody acts
                raise OAuthError("access_denied", "A second factor is needed, which whoever acts for them has not.")
            case _:
                raise api_tokens.required(
                    work,
                    api_tokens.Pending(
                        user_id=user.user_id,
                        client_id=client.client_id,
                        connection_id=proven.connection.id,
                        methods=proven.methods,
                        audience=audience or None,
                        scope=request.params.get("scope", "")[:LONGEST_SCOPE] or None,
                        gty=self.gty,
                    ),
                )

    def wrong(self) -> str:
        """The words for a wrong proof."""
        return direct.WRONG

    def proven(self, request: TokenRequest, client: ClientConfig) -> Proven:
        """Who it is. Raises what :mod:`idp.signin.login.direct` raises."""
        connection = self.connection(request, client)
        username, typed = request.params["username"][:LONGEST], request.params["password"]
        return direct.with_password(request.work, client, connection, username, typed)

    def connection(self, request: TokenRequest, client: ClientConfig) -> ConnectionConfig:
        """The one connection that is asked. Raises OAuthError."""
        raise NotImplementedError


class Password(ResourceOwner):
    """The tenant's ``default_directory``; without one, the only connection of the client that takes passwords."""

    grant_type = "password"
    needs = ("username", "password")

    def connection(self, request: TokenRequest, client: ClientConfig) -> ConnectionConfig:
        """See above."""
        found = direct.default_directory(request.work, client)
        if found is None:
            raise OAuthError("server_error", "Authorization server not configured with default connection.")
        return found


class PasswordRealm(ResourceOwner):
    """The connection that ``realm`` names."""

    grant_type = f"{AUTH0}/password-realm"
    needs = ("username", "password", "realm")

    def connection(self, request: TokenRequest, client: ClientConfig) -> ConnectionConfig:
        """See above."""
        found = direct.takes_passwords(request.work, client, request.params["realm"][:128])
        if found is None:
            raise OAuthError("unauthorized_client", "The realm is not enabled for this client, or takes no passwords.")
        return found


class PasswordlessOtp(ResourceOwner):
    """A code that ``/passwordless/start`` sent for this client; ``realm`` names the connection."""

    grant_type = f"{AUTH0}/passwordless/otp"
    needs = ("username", "otp", "realm")

    def wrong(self) -> str:
        """The words for a wrong code."""
        return direct.WRONG_CODE

    def proven(self, request: TokenRequest, client: ClientConfig) -> Proven:
        """Whose code it is."""
        work, params = request.work, request.params
        connection = passwordless.enabled(work, client.client_id, params["realm"][:128])
        if connection is None:
            raise OAuthError("unauthorized_client", "The realm is not enabled for this client, or sends no codes.")
        asked = passwordless.of_client(work, client.client_id, connection, params["username"][:LONGEST])
        if asked is None:
            raise InvalidCredentials
        return direct.with_code(work, client, asked, params["otp"])
