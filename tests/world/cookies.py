"""A browser's cookie jar, with the rules that matter here: Secure, SameSite, Max-Age, the path, name prefixes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from http.cookies import Morsel, SimpleCookie
from urllib.parse import urlsplit


@dataclass
class Cookie:
    """One kept cookie."""

    value: str
    secure: bool
    same_site: str
    expires: float | None


@dataclass
class Jar:
    """The cookies of one browser profile, by host (with the cookie's path, but for the root) and name."""

    kept: dict[tuple[str, str], Cookie] = field(default_factory=dict)

    def take(self, url: str, headers: list[str]) -> None:
        """Keep or delete what the ``Set-Cookie`` headers of an answer say."""
        host = urlsplit(url).netloc
        for header in headers:
            parsed: SimpleCookie = SimpleCookie(header)
            for name, morsel in parsed.items():
                self._take(host + (morsel["path"] or "/").rstrip("/"), name, morsel)

    def _take(self, host: str, name: str, morsel: Morsel[str]) -> None:
        secure = bool(morsel["secure"])
        if name.startswith("__Host-"):
            assert secure, f"browsers refuse {name} without Secure"
            assert (morsel["path"], morsel["domain"]) == ("/", ""), f"browsers refuse {name} with a path or a domain"
        assert secure or not name.startswith("__Secure-"), f"browsers refuse {name} without Secure"
        age = morsel["max-age"]
        if age != "" and int(age) <= 0:
            self.kept.pop((host, name), None)
            return
        expires = time.time() + int(age) if age != "" else None
        same_site = (morsel["samesite"] or "Lax").lower()
        self.kept[host, name] = Cookie(morsel.value, bool(morsel["secure"]), same_site, expires)

    def header(self, url: str, *, cross_site: bool, top_level_get: bool) -> str:
        """The ``Cookie`` header of a request."""
        parts = urlsplit(url)
        sent = []
        for (host, name), cookie in self.kept.items():
            if not f"{parts.netloc}{parts.path}/".startswith(f"{host}/") or (cookie.secure and parts.scheme != "https"):
                continue
            if cookie.expires is not None and cookie.expires <= time.time():
                continue
            lax = cookie.same_site == "lax" and top_level_get
            if cross_site and cookie.same_site != "none" and not lax:
                continue
            sent.append(f"{name}={cookie.value}")
        return "; ".join(sent)

    def get(self, name: str) -> str | None:
        """A cookie's value, whatever its host and the prefix of its name."""
        named = {name, f"__Host-{name}", f"__Secure-{name}"}
        return next((cookie.value for (_, known), cookie in self.kept.items() if known in named), None)

    def close_browser(self) -> None:
        """Forget what does not outlive the browser."""
        self.kept = {key: cookie for key, cookie in self.kept.items() if cookie.expires is not None}
