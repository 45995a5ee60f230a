"""The way of one person through a sign-in: the flow is asked as ``/authorize`` asks it, and on each page they do what
the page wants. Their session is made up, and so is what the attempt remembers: neither is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec.structs import replace as changed

from idp.applications.clients import runtime as clients
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import service as users
from idp.directory.users.identifiers import email_key
from idp.directory.users.provision import FoundUser
from idp.foundation.kernel import clock
from idp.foundation.kernel.networks import network_of
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.simulation.outcome import Scenario, Step
from idp.signin.attack_protection import brute_force
from idp.signin.factors import devices, second, service, settings
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.policy import MFA, Need
from idp.signin.login import address_codes, code_sign_in, connection_choice, device_sign_in, factor_steps, flow
from idp.signin.login.connection_choice import Wish
from idp.signin.login.flow import Ask, Attempt, Done, Refuse
from idp.signin.login.policy import CHECKS, FACTOR_PAGE, FIRST_PAGE, REFUSALS, AuthenticationRequest
from idp.signin.login.transaction import FactorStep, Linking, Transaction
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession

STATE: Final = "simulation"
SESSION: Final = "simulated"
MOST_PAGES = 12
CONSENT = "consent"
IDENTIFIER, TOGETHER = "/u/login/identifier", "/u/login"
SAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "totp": ("otp",),
    "phone": ("sms",),
    "email": (),
    "recovery-code": ("kba",),
    "webauthn-roaming": ("hwk", "user"),
    "webauthn-platform": ("hwk", "user"),
}
"""What a session remembers of a factor (RFC 8176): a key that can be copied says ``swk``, which no rule asks for."""


RULES: Final = (*(row.reason for row in REFUSALS), *(row.reason for row in CHECKS))


@dataclass
class Walk:
    """Where they are. ``session`` is None until they have one."""

    work: Work
    scenario: Scenario
    request: AuthenticationRequest
    user: FoundUser
    connection: ConnectionConfig
    session: LiveSession | None = None
    transaction: Transaction | None = None
    consented: bool = False
    steps: list[Step] = field(default_factory=list)

    def go(self) -> Done | None:
        """To the end of the policy; None where it refuses them."""
        if self.scenario.signed_in_ago is not None and self.scenario.signed_in_ago * 1000 < self._lifetime_ms():
            began = clock.now_ms() - self.scenario.signed_in_ago * 1000
            named = (self._method, *((MFA,) if self.scenario.verified else ()))
            self.session = self._session(began, named)
        for _ in range(MOST_PAGES):
            attempt = Attempt(self.request, self.session, STATE if self.transaction else None, self.transaction)
            match flow.advance(self.work, attempt):
                case Done() as done:
                    self._passed("")
                    return done
                case Refuse(error, _, reason):
                    self._passed(reason)
                    self.steps.append(
                        Step("policy", reason, "refused", error=error.error, detail=error.description or "")
                    )
                    return None
                case Ask(check):
                    self._passed(check.reason)
                    if not self._do(check.screen, check.reason):
                        return None
                    if self.consented and self.session is not None:
                        return Done(self.session, flow.proved_factor(self.transaction, self.session))
        raise AssertionError("the policy asks in a circle")

    def _lifetime_ms(self) -> int:
        mode = clients.cookie_mode(self.work, self.request.client)
        absolute, _ = self.work.config.settings.lifetimes_ms(mode)
        return absolute

    def _passed(self, before: str) -> None:
        """The rules above that one had nothing to say; each is said once."""
        said = {each.rule for each in self.steps if each.stage == "policy"}
        for rule in RULES:
            if rule == before:
                return
            if rule not in said:
                self.steps.append(Step("policy", rule, "passed"))

    def _asked(self, reason: str, *screens: str) -> None:
        self.steps.append(Step("policy", reason, "asked", screens))

    def _do(self, screen: str, reason: str) -> bool:
        """What the page wants. False: they cannot."""
        if screen == FIRST_PAGE:
            return self._sign_in(reason)
        transaction = self._attempt()
        if screen == FACTOR_PAGE:
            self._prove(reason, transaction)
        elif screen == CONSENT:
            self._asked(reason, f"/u/{screen}")
            self.consented = True
        else:  # offers and forms: they say that they want none, or fill them in
            self._asked(reason, f"/u/{screen}")
            own = Linking(self.user.user_id, SESSION, clock.now_ms())  # nothing is joined to oneself
            self.transaction = changed(transaction, offer=None, linking=own, profile=False)
        return True

    def _sign_in(self, reason: str) -> bool:
        usable = connection_choice.usable(self.work, self.request.client, self.request.connection_id)
        if self.connection.id not in {each.id for each in usable}:
            words = f"The connection {self.connection.name} is not one that they can sign in with here."
            self.steps.append(Step("policy", "connection", "refused", error="access_denied", detail=words))
            return False
        self._asked(reason, *self._first_pages())
        if self._locked():
            words = "Too many failed sign-ins: the password is not looked at."
            self.steps.append(Step("protection", "brute_force", "refused", error="too_many_attempts", detail=words))
            return False
        if self.user.blocked:
            words = "user is blocked"
            self.steps.append(Step("policy", "blocked", "refused", error="unauthorized", detail=words))
            return False
        moment = clock.now_ms()
        self.session = self._session(moment, self._proven)
        self.transaction = changed(self._attempt(), session_id=SESSION, authenticated_at=moment, factor=None)
        return True

    def _locked(self) -> bool:
        """Whether too many tries keep them out, wherever they sit or there."""
        if not (self.connection.brute_force_protection and connection_choice.types_here(self.connection)):
            return False
        if self._by_device:  # no guess of a password keeps them out
            return False
        names = [each for each in (self.user.email, self.user.username) if each]
        here = network_of(self.scenario.ip) if self.scenario.ip else ""
        found = [
            each
            for name in names
            for each in brute_force.blocks(self.work, email_key(name), only_in_force=True)
            if each["connection"] == self.connection.name and each.get("ip") in (None, here)
        ]
        if not found:
            self.steps.append(Step("protection", "brute_force", "passed"))
        return bool(found)

    @property
    def _code_page(self) -> str | None:
        """Where they type the code that they sign in with; None where that is no account's first way."""
        name = users.name_of(self.connection, self.user)
        return code_sign_in.page_for(self.connection, name) if self.connection.asks_code_first(name) else None

    @property
    def _method(self) -> str:
        """What signing in proves."""
        by = self.connection.code_goes_to(users.name_of(self.connection, self.user))
        return address_codes.METHODS[str(by)] if self._code_page is not None else self.connection.source.amr

    @property
    def _by_device(self) -> bool:
        """Whether their device is asked for instead of the password, on the second of two pages."""
        if not self.scenario.known_device or self._code_page is not None or not self._apart:
            return False
        return devices.stand_in_at(self.work, self.connection) and devices.working(self.work, self.user.user_id)

    @property
    def _proven(self) -> tuple[str, ...]:
        """All that signing in proves."""
        return (MFA, *SAYS[devices.KIND]) if self._by_device else (self._method,)

    @property
    def _apart(self) -> bool:
        """Whether a page asks who they are, and the next one for what they know or have."""
        if self.connection.asks_who_first:
            return True
        if flow.first_path(self.work, self.request) != IDENTIFIER or not connection_choice.takes_passwords(
            self.connection
        ):
            return False
        wish = Wish(asked_id=self.request.connection_id, identifier=self.user.email or "")
        return connection_choice.choices(self.work, self.request.client, wish).asks_who

    def _first_pages(self) -> list[str]:
        first = flow.first_path(self.work, self.request)
        if self._apart:
            asked = device_sign_in.PAGE if self._by_device else device_sign_in.OTHERWISE
            pages = [IDENTIFIER, self._code_page or asked]
        elif first == IDENTIFIER and connection_choice.takes_passwords(self.connection):
            pages = [TOGETHER]
        else:
            pages = [first]
        by_code = self.connection.sign_up_rules.by_code and self._code_page is None
        if by_code and self.user.email and not self.user.email_verified:
            pages.append(address_codes.AT_LOGIN)
        return pages

    def _prove(self, reason: str, transaction: Transaction) -> None:
        """A second factor: the one that is asked for first, or the first that can be set up."""
        session = self.session
        if session is None:
            raise AssertionError("nobody is asked for a second factor who has not signed in")
        pages, proven = self._factor(session)
        self._asked(reason, *pages)
        moment = clock.now_ms()
        methods = sessions.stepped_up(session.methods, (MFA, *proven), moment)
        self.session = changed(session, methods=methods, last_interacted_at=moment)
        self.transaction = changed(transaction, factor=FactorStep(done=True, session_id=session.id))

    def _factor(self, session: LiveSession) -> tuple[list[str], tuple[str, ...]]:
        work = self.work
        attempt = Attempt(self.request, session, STATE, self.transaction)
        wanted = flow.needed_factor(work, attempt)
        if wanted is Need.EMAIL_CODE:
            return [f"/u/{KINDS[service.EMAIL].challenge_page}"], ()
        if wanted is Need.CHALLENGE:
            found = second.offered(
                work, session.user_id, session.connection_id, [str(each["name"]) for each in session.methods]
            )
            kind = KINDS[next((each.type for each in found), service.EMAIL)]
            return [f"/u/{kind.challenge_page}"], SAYS[kind.type]
        able = service.enrollable(work)
        pages = [factor_steps.ENROL_OPTIONS] if len(able) > 1 else []
        pages.append(f"/u/{able[0].enrolment_page}")
        has_code = service.RECOVERY in (session.factors or "").split()
        if service.RECOVERY in settings.of(work).on and not has_code:
            pages.append(factor_steps.RECOVERY_PAGE)
        return pages, SAYS[able[0].type]

    def _attempt(self) -> Transaction:
        """What the attempt remembers."""
        if self.transaction is None:
            self.transaction = flow.fresh(self.request, device_hash="")
        return self.transaction

    def _session(self, began: int, named: tuple[str, ...]) -> LiveSession:
        moment, user = clock.now_ms(), self.user
        methods: list[dict[str, Any]] = [{"name": name, "timestamp": clock.iso(began)} for name in named]
        return LiveSession(
            id=SESSION,
            user_id=user.user_id,
            connection_id=self.connection.id,
            authenticated_at=began,
            created_at=began,
            last_interacted_at=moment,
            idle_expires_at=moment + 1,
            expires_at=moment + 1,
            cookie_mode="persistent",
            methods=methods,
            known_client=True,
            blocked=user.blocked,
            email=user.email,
            name=user.name,
            language=user.language,
            factors=user.factors,
        )
