"""Passwords that are known from data breaches (spec/attack-protection.md, "Breached passwords"; security.md I10).

Where they are known from: a list on this machine (:mod:`.hash_list`), and with the method ``enhanced`` the range
service besides (:mod:`.ranges`). A password is looked at when somebody signs in with it, rightly, and when somebody
chooses it.
"""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

import structlog

from idp.foundation.ephemeral import limits
from idp.foundation.kernel.log_types import LogType
from idp.foundation.tenancy.protection import ADMIN_NOTIFICATION, BLOCK, USER_NOTIFICATION
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import hash_list, notices, ranges
from idp.signin.attack_protection.hash_list import HashList, InvalidList
from idp.signin.attack_protection.log_types import ProtectionLog
from idp.signin.attack_protection.ntlm import ntlm
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

TEST_PREFIX = "AUTH0-TEST-"
TEST_PASSWORDS = frozenset({"Paaf213XXYYZZ", "Paat739!!WWXXYYZZ"})
"""They count as breached wherever the detection is on, so that applications can try it out."""
ENHANCED = "enhanced"
_log = structlog.get_logger(__name__)


def login_refused(work: Work, *, to: str | None, language: str | None, reset_url: str, **about: Any) -> bool:
    """Whether nobody signs in with a breached password, which was right: until it is another one. Who has the account,
    at the address ``to``, is told where the shield says so.
    """
    settings = work.config.attack_protection.breached_password_detection
    _write(work, ProtectionLog.BREACHED_LOGIN, settings.shields, **about)
    if USER_NOTIFICATION in settings.shields and to:
        _tell_owner(work, to, language, reset_url, str(about.get("user_id")))
    return BLOCK in settings.shields


def sign_up_refused(work: Work, password: str, **about: Any) -> bool:
    """Whether no account is made with that password. Says so to the log and to administrators."""
    settings = work.config.attack_protection.breached_password_detection
    return _refused(work, password, ProtectionLog.BREACHED_SIGN_UP, settings.stage.pre_user_registration.shields, about)


def reset_refused(work: Work, password: str, **about: Any) -> bool:
    """Whether that is no new password for an account."""
    settings = work.config.attack_protection.breached_password_detection
    return _refused(work, password, ProtectionLog.BREACHED_RESET, settings.stage.pre_change_password.shields, about)


def known(work: Work, password: str) -> bool:
    """Whether the tenant looks for breached passwords, and this is one. May ask another machine: in no transaction."""
    settings = work.config.attack_protection.breached_password_detection
    if not settings.enabled or not password:
        return False
    if password.startswith(TEST_PREFIX) or password in TEST_PASSWORDS:
        return True
    if lists.holds(work.platform.settings.breached_passwords, password):
        return True
    return settings.method == ENHANCED and ranges.service.knows(work.platform.settings, password)


class Lists:
    """The list of this process: opened with the first question, and again when the file is another one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: tuple[Path, tuple[int, int, int]] | None = None
        self._open: HashList | None = None

    def holds(self, path: Path, password: str) -> bool:
        """Whether the list at ``path`` has the password; without a list nothing is known."""
        found = self._current(path)
        if found is None:
            return False
        if found.kind == hash_list.NTLM:
            return found.holds(ntlm(password))
        return found.holds(hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest())

    def _current(self, path: Path) -> HashList | None:
        try:
            state = path.stat()
        except OSError:
            return None
        seen = (path, (state.st_ino, state.st_mtime_ns, state.st_size))
        with self._lock:
            if seen != self._seen:
                self._seen, self._open = seen, _opened(path)
            return self._open


lists = Lists()


def _opened(path: Path) -> HashList | None:
    try:
        return hash_list.open_list(path)
    except (OSError, InvalidList) as error:
        _log.error("the list of breached passwords cannot be used", reason=str(error))
        return None


def _refused(work: Work, password: str, kind: LogType, shields: list[str], about: dict[str, Any]) -> bool:
    if not known(work, password):
        return False
    _write(work, kind, shields, **about)
    return BLOCK in shields


def _write(work: Work, kind: LogType, shields: list[str], **about: Any) -> None:
    """One entry an hour for a network, and the administrators' mail."""
    words = "the password is known from a data breach"
    often = limits.exceeded(work, limits.BREACHES_LOGGED, f"{kind.value}:{work.network}") is not None
    with work.transaction():
        if not often:
            log.write(work, kind, words if BLOCK in shields else f"{words}: monitoring only", **about)
        if ADMIN_NOTIFICATION in shields:
            notices.breached_password(work)


def _tell_owner(work: Work, to: str, language: str | None, reset_url: str, user_id: str) -> None:
    if limits.exceeded(work, limits.STOLEN_MAIL, user_id) is not None:
        return
    with work.transaction():
        spoken = language or mail.TENANTS_LANGUAGE  # whoever signed in speaks another, maybe
        mail.send(work, "stolen_credentials", to, spoken, email=to, url=reset_url)
