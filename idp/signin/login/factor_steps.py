"""The second factor on pages: which page comes next, what was proven, and the end of it (spec/login-factors.md,
"Screens", "Policy").

All pages of it are of one attempt, whose :class:`~idp.signin.login.transaction.FactorStep` says where it stands. What a
right answer opens takes effect at the end, in one transaction (:func:`complete`): until then the session is one of
somebody who proved a password, and no door opens to it (security.md O1).
"""

from __future__ import annotations

from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.imported_factors import IMPORTED
from idp.directory.users.provision import FoundUser
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work
from idp.signin.factors import asking, devices, enrolment, policy, second, service, settings, trust
from idp.signin.factors.asking import TooMany, Wrong
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.kinds.contract import Asked, Kind, Proof
from idp.signin.factors.log_types import FactorLog
from idp.signin.factors.models import AuthenticationMethod
from idp.signin.factors.policy import Need
from idp.signin.login import flow
from idp.signin.login import transaction as transactions
from idp.signin.login.policy import DEVICE_OFFER, FACTOR_PAGE
from idp.signin.login.screen import Form, Go, Problem, Result, Resume, Show, limited
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.transaction import FactorStep
from idp.signin.sessions import service as sessions
from idp.tenant.audit import log

ENROL_OPTIONS = "/u/mfa/mfa-begin-enroll-options"
RECOVERY_PAGE = "/u/mfa-recovery-code/mfa-recovery-code-enrollment"
NEW_CODE_PAGE = "/u/mfa-recovery-code/mfa-recovery-code-challenge-new-code"
PICK, RESEND = "pick-authenticator", "resend-code"
NAME_PAGE = "/u/mfa-webauthn/mfa-webauthn-change-key-nickname"
RESENT = "login-passwordless.login-passwordless-email-code.resent"
"""What the pages say when another code went out."""


# ---- where the attempt stands
def step(request: ScreenRequest) -> FactorStep:
    """Where it stands; at the beginning for whoever is signed in now where it was somebody else (security.md O1)."""
    here, session = request.transaction.factor, request.session
    if here is not None and here.ticket is not None:
        return here
    sid = session.id if session is not None else None
    if here is None or here.session_id != sid:
        here = request.transaction.factor = FactorStep(session_id=sid)
    return here


def user_id(request: ScreenRequest) -> str:
    """Whose factors they are: of whoever signed in in this attempt, or has a ticket to enrol one. Raises Expired."""
    here = step(request)
    if here.ticket is not None and request.transaction.user_id is not None:
        return request.transaction.user_id
    return request.signed_in.user_id


def user(request: ScreenRequest) -> FoundUser:
    """The person. Raises Expired where they are gone."""
    found = provision.by_id(request.work, user_id(request))
    if found is None:
        raise transactions.expired(request.work, request.transaction)
    return found


def need(request: ScreenRequest) -> Need:
    """What the attempt still lacks."""
    if step(request).ticket is not None:
        return Need.ENROLMENT
    if request.session is None:
        return Need.NOTHING
    return flow.lacking(request.work, request)


def methods(request: ScreenRequest) -> list[AuthenticationMethod]:
    """What the person can be asked for, in the order in which it is offered. What came along in an import is taken up
    first; with other factors, and mail for one, a proven address is one, too.
    """
    work, owner = request.work, user_id(request)
    if IMPORTED in (users.get(work, owner).factors or "").split():
        service.take_imported(work, owner)
    return second.offered(work, owner, *_first(request))


def adds_nothing(request: ScreenRequest, number: str) -> bool:
    """Whether messages to that number are no second factor of whoever is to set it up."""
    way = _first(request) if step(request).ticket is None else (None, ())
    return second.adds_nothing(request.work, user_id(request), number, *way)


def _first(request: ScreenRequest) -> tuple[str | None, tuple[str, ...]]:
    """How the person signed in: by which connection, and what they have proven since, in its order."""
    session = request.signed_in
    return session.connection_id, tuple(str(each["name"]) for each in session.methods)


def asked(request: ScreenRequest, *, enrolling: bool = False) -> Asked:
    """Where it is asked: this attempt."""
    ours = not request.client.client_id
    return Asked(
        bound_to=f"attempt\0{request.state}",
        client_id=request.client.client_id,
        application="" if ours else request.client.name,
        locale=request.locale,
        enrolling=enrolling,
        by=step(request).by or "",
        origin=request.work.config.url,
    )


# ---- which page comes next
def start(request: ScreenRequest) -> Go:
    """Where the second factor begins, for whoever is on a page that is not theirs."""
    return Go(ENROL_OPTIONS if step(request).ticket is not None else f"/u/{FACTOR_PAGE}")


def begin(request: ScreenRequest) -> Go | None:
    """The page that the attempt begins or goes on with; None where the person picks among several methods."""
    here, wanted = step(request), need(request)
    if here.naming is not None:
        return Go(NAME_PAGE)
    if wanted is Need.ENROLMENT:
        return _begin_enrolment(request, here)
    if wanted is Need.EMAIL_CODE:
        return Go("/u/mfa-email/mfa-email-challenge")
    brought = IMPORTED in (request.signed_in.factors or "").split()
    found = methods(request)
    if not found and brought:  # taken up just now: what is lacking is another thing by that
        return Go(f"/u/{FACTOR_PAGE}")
    if here.picking or not found:
        return None
    if not here.logged:
        here.logged = True
        request.save()
        log.write(request.work, FactorLog.REQUIRED, user_id=user_id(request), client_id=request.client.client_id)
    first, *_ = found
    current = next((each for each in found if each.id == here.method_id), first)
    return Go(f"/u/{KINDS[current.type].challenge_page}")


def _begin_enrolment(request: ScreenRequest, here: FactorStep) -> Go:
    if here.naming is not None:
        return Go(NAME_PAGE)
    able = kinds(request)
    if here.code_sealed is not None:
        return Go(RECOVERY_PAGE)
    if len(able) == 1 or here.chosen in {kind.action for kind in able}:
        first, *_ = able
        kind = next((kind for kind in able if kind.action == here.chosen), first)
        return Go(f"/u/{kind.enrolment_page}")
    return Go(ENROL_OPTIONS)


def kinds(request: ScreenRequest) -> list[Kind]:
    """What the person may enrol here: all that is on, or what the ticket names."""
    here = step(request)
    if here.ticket is None:
        return service.enrollable(request.work)
    wanted = enrolment.read(request.work, here.ticket)
    if wanted is None:
        raise transactions.expired(request.work, request.transaction)
    return enrolment.kinds(request.work, wanted)


def pick(request: ScreenRequest, action: str) -> Go | None:
    """The person chose a method by its id, or the first of a kind; None where it is none of theirs."""
    found = methods(request)
    chosen = next((each for each in found if action in (each.id, KINDS[each.type].action)), None)
    if chosen is None:
        return None
    here = step(request)
    here.method_id, here.picking = chosen.id, False
    request.save()
    return Go(f"/u/{KINDS[chosen.type].challenge_page}")


def other(request: ScreenRequest, form: Form) -> Go | None:
    """What the buttons of a challenge lead to beside the answer: the list of methods, or one of them."""
    if form.action == PICK:
        step(request).picking = True
        request.save()
        return start(request)
    if form.action in {"default", RESEND, "switch-to-voice", "switch-to-text"}:
        return None
    return pick(request, form.action)


# ---- a challenge
def challenged(request: ScreenRequest, kind: str) -> AuthenticationMethod | Go:
    """The method of that kind that this page asks for; the page that is right where there is none."""
    wanted, here = need(request), step(request)
    if wanted is Need.EMAIL_CODE and kind == service.EMAIL:
        found: list[AuthenticationMethod] = [second.by_address(request.work, user_id(request))]
    elif wanted is Need.CHALLENGE:
        found = [each for each in methods(request) if each.type == kind]
    else:
        return start(request)
    if here.naming is not None:
        return Go(NAME_PAGE)
    if here.code_sealed is not None:
        return Go(NEW_CODE_PAGE)
    if not found:
        return start(request)
    first, *_ = found
    return next((each for each in found if each.id == here.method_id), first)


def several(request: ScreenRequest) -> bool:
    """Whether there is another method to pick."""
    return need(request) is Need.CHALLENGE and len(methods(request)) > 1


def sent(request: ScreenRequest, method: AuthenticationMethod, *, again: bool = False) -> Show | None:
    """Have the message of a challenge sent, once for each visit of its page, and again when that is asked for. The
    page with the wait where it is too early.
    """
    here = step(request)
    if here.sent == method.id and not again:
        return None
    wait = KINDS[method.type].challenge(
        request.work, method, asked(request, enrolling=not method.confirmed and here.enrolling == method.id)
    )
    if here.sent != method.id:
        here.sent = method.id
        request.save()
    if wait is None:
        return None
    words = {"wait": request.texts.duration(wait)}
    return Show((Problem("mfa.shared.wait", values=words),), 429, retry_after=wait)


def answered(request: ScreenRequest, method: AuthenticationMethod, answer: str) -> Proof | Show:
    """Look at an answer; the sentence of the form where it is not right."""
    refused = limited(request, limits.FACTOR_FORMS_OF_ATTEMPT, f"{request.state}:{request.work.network}")
    if refused is not None:
        return refused
    match asking.answered(request.work, method, asked(request), answer):
        case Wrong():
            return Show((Problem("mfa.shared.invalid-code", "code"),))
        case TooMany(wait_s):
            words = {"wait": request.texts.duration(wait_s)}
            return Show((Problem("mfa.shared.too-many-failures", "code", values=words),), 429, retry_after=wait_s)
        case proof:
            return proof


def answer(request: ScreenRequest, kind: str, form: Form) -> Result:
    """The form of a challenge: the answer, or what its other buttons lead to."""
    elsewhere = other(request, form)
    if elsewhere is not None:
        return elsewhere
    method = challenged(request, kind)
    if isinstance(method, Go):
        return method
    if form.action == RESEND:
        return sent(request, method, again=True) or Go(f"/u/{KINDS[kind].challenge_page}", RESENT)
    if not form["code"]:
        return Show((Problem("mfa.shared.no-code", "code"),))
    proof = answered(request, method, form["code"])
    if isinstance(proof, Show):
        return proof
    return proven(request, proof, remember=form.values.get("rememberBrowser") == "true")


def proven(request: ScreenRequest, proof: Proof, *, remember: bool = False) -> Result:
    """A second factor was proven. A new recovery code is shown before the attempt goes on."""
    here = step(request)
    here.proven, here.remember = proof.amr, remember and settings.of(request.work).offers_to_remember
    if proof.recovery_code is not None:
        keep_code(request, proof.recovery_code)
        request.save()
        return Go(NEW_CODE_PAGE)
    return complete(request, key=proof.key)


# ---- recovery codes
def keep_code(request: ScreenRequest, code: str) -> None:
    """Keep a recovery code to show, sealed, until its owner says that they have it."""
    step(request).code_sealed = one_time.sealer(request.work, transactions.KIND, request.state).seal(code)


def code_to_show(request: ScreenRequest) -> str | None:
    """The recovery code that is to be shown, if one is."""
    sealed = step(request).code_sealed
    return one_time.sealer(request.work, transactions.KIND, request.state).open(sealed) if sealed else None


# ---- enrolment
def enrolling(request: ScreenRequest, kind: Kind) -> AuthenticationMethod | Go | None:
    """The method of that kind that is being enrolled here, None where that has not begun; or the right page."""
    here = step(request)
    if need(request) is not Need.ENROLMENT or kind not in kinds(request):
        return start(request)
    if here.code_sealed is not None:
        return Go(RECOVERY_PAGE)
    found = service.find(request.work, here.enrolling) if here.enrolling else None
    if found is None or found.confirmed or found.user_id != user_id(request) or found.type != kind.type:
        return None
    return found


def begin_enrolling(request: ScreenRequest, new: service.New) -> AuthenticationMethod:
    """Begin to enrol a method. Raises BadRequest where they have too many."""
    here = step(request)
    with request.work.transaction():
        row = service.begin(request.work, user_id(request), new)
        here.enrolling, here.sent = row.id, None
        request.save()
    return row


def enrolled(request: ScreenRequest, method: AuthenticationMethod, form: Form) -> Result:
    """The form of an enrolment: a right answer finishes it. Where another page of the same link has begun anew
    meanwhile, or finished, this one is over.
    """
    if not form["code"]:
        return Show((Problem("mfa.shared.no-code", "code"),))
    method_id, kind = method.id, KINDS[method.type]  # the row itself may go while this is done
    proof = answered(request, method, form["code"])
    if isinstance(proof, Show):
        return proof
    here = step(request)
    here.proven, here.enrolling = proof.amr, None
    ticket = enrolment.read(request.work, here.ticket)
    try:
        with request.work.transaction():
            if here.ticket is not None and not enrolment.spend(request.work, here.ticket):
                raise transactions.expired(request.work, request.transaction)
            code = service.finish(
                request.work, method_id, first=ticket is None or not ticket.several, beside=_known(request)
            )
            if code is not None:
                keep_code(request, code)
            if kind.named:
                here.naming = method_id
            request.save()
    except (service.AlreadyEnrolled, NotFound) as error:
        raise transactions.expired(request.work, request.transaction) from error
    if here.naming is not None:
        return Go(NAME_PAGE)
    return Go(RECOVERY_PAGE) if code is not None else complete(request, key=proof.key)


def _known(request: ScreenRequest) -> frozenset[str]:
    """What the sign-in itself proved: another one may come beside it."""
    if step(request).ticket is not None:
        return frozenset()
    return second.proven_first(request.work, user_id(request), *_first(request))


# ---- the end
def complete(request: ScreenRequest, *, key: str | None = None) -> Result:
    """The session says from now on what was proven, and the attempt goes on. ``key`` is the method that was, where the
    browser shall know it again.
    """
    work, here = request.work, step(request)
    here.code_sealed, here.done = None, True
    if here.ticket is not None:
        return _ticket_done(request)
    session, cookie = request.signed_in, None
    device = request.browser.device_hash
    if key is not None and devices.is_one(key) and request.transaction.offer == DEVICE_OFFER:
        request.transaction.offer = None  # it is there
    with work.transaction():
        users.hold(work, session.user_id)
        secret = sessions.step_up(work, session, (policy.MFA, *here.proven))
        if here.remember:
            cookie = trust.trust(work, session.user_id)
        if settings.of(work).knows_browsers and device is not None:
            trust.seen(work, session.user_id, device)
        request.save()
    return Resume(secret, trust=cookie, device=request.note_device(key), mode=session.cookie_mode)


def _ticket_done(request: ScreenRequest) -> Result:
    request.save()
    return Go("/u/mfa/mfa-enroll-result")


def remembers(work: Work) -> tuple[bool, bool]:
    """Whether the form offers not to ask in this browser again, and whether that is ticked."""
    rules = settings.of(work)
    return rules.offers_to_remember, rules.remembers_by_default
