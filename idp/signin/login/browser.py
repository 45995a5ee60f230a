"""What a browser brings along to a sign-in beside its session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import cookies
from idp.foundation.tenancy.work import Work
from idp.signin.factors import devices, trust


@dataclass(frozen=True)
class Browser:
    """``trust`` is the cookie by which somebody is not asked for a second factor; ``device_hash`` the hash of the
    browser's own id; ``devices`` names the keys of its device that were used in it. All as they were sent: nothing is
    proven by them alone.
    """

    trust: str | None = None
    device_hash: str | None = None
    devices: str | None = None


NONE = Browser()
"""One of which nothing is known."""


def brought(work: Work, sent: Mapping[str, str] | None = None) -> Browser:
    """What came along with this request, or with the cookies that were ``sent``."""
    remembered = cookies.get(work, trust.COOKIE, sent=sent)
    remembered = remembered or cookies.get(work, trust.COOKIE + cookies.COMPAT_SUFFIX, sent=sent)
    device = cookies.device(work, sent)
    keys = cookies.get(work, devices.COOKIE, sent=sent)
    return Browser(remembered, digest(device) if device else None, keys)
