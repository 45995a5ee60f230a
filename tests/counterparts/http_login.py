"""A browser of the plainest kind: cookies, redirects and HTML forms over HTTP, for tests that need many logins."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests

from tests.counterparts.application import Application
from tests.counterparts.management import PASSWORD


class PageParser(HTMLParser):
    """A page's links by id, and its first form: its action and the fields it would send."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take links, the form's action and its inputs (HTMLParser's hook)."""
        given = dict(attrs)
        if tag == "a" and given.get("id"):
            self.links[str(given["id"])] = given.get("href") or ""
        elif tag == "form" and self.action is None:
            self.action, self._inside = given.get("action") or "", True
        elif tag == "input" and self._inside and given.get("name"):
            self.fields[str(given["name"])] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        """The form ends (HTMLParser's hook)."""
        if tag == "form":
            self._inside = False


class HttpBrowser:
    """One person's browser."""

    def __init__(self) -> None:
        self.http = requests.Session()

    def close(self) -> None:
        """Close its connections."""
        self.http.close()

    def follow(self, url: str, until: str) -> requests.Response:
        """Follow redirects from ``url`` until a page is shown or the next stop starts with ``until``."""
        answer = self.http.get(url, allow_redirects=False, timeout=30)
        return self._follow(answer, until)

    def post(self, url: str, until: str, form: dict[str, str]) -> requests.Response:
        """The same beginning with a form that somebody's page sends."""
        return self._follow(self.http.post(url, data=form, allow_redirects=False, timeout=30), until)

    def _follow(self, answer: requests.Response, until: str) -> requests.Response:
        for _ in range(10):
            if not answer.is_redirect:
                return answer
            target = urljoin(answer.url, answer.headers["Location"])
            if target.startswith(until):
                return answer
            answer = self.http.get(target, allow_redirects=False, timeout=30)
        raise AssertionError("redirected for ever")

    def submit(self, shown: requests.Response, until: str, **values: str) -> requests.Response:
        """Fill the first form of the page that is shown and send it."""
        form = PageParser()
        form.feed(shown.text)
        if form.action is None:
            raise AssertionError(f"no form on the page ({shown.status_code}):\n{shown.text[:2000]}")
        data = form.fields | values
        answer = self.http.post(urljoin(shown.url, form.action), data=data, allow_redirects=False, timeout=30)
        return self._follow(answer, until)

    def sign_in(self, application: Application, user: dict[str, Any], **more: str) -> str:
        """Sign in to an application; answers the callback URL with its code."""
        shown = self.follow(application.authorize_url(**more), application.redirect_uri)
        if not shown.is_redirect:
            values = {"username": user["email"], "password": PASSWORD, "action": "default"}
            shown = self.submit(shown, application.redirect_uri, **values)
        if not shown.is_redirect:
            raise AssertionError(f"not signed in ({shown.status_code}):\n{shown.text[:3000]}")
        return shown.headers["Location"]

    def ask_for_reset(self, application: Application, user: dict[str, Any]) -> None:
        """Ask for the mail that sets a new password."""
        login = self.follow(application.authorize_url(), application.redirect_uri)
        page = PageParser()
        page.feed(login.text)
        shown = self.follow(urljoin(login.url, page.links["forgot-password-link"]), application.redirect_uri)
        sent = self.submit(shown, application.redirect_uri, username=user["email"], action="default")
        if sent.status_code != 200:
            raise AssertionError(f"no mail was asked for ({sent.status_code}):\n{sent.text[:2000]}")

    def silent(self, application: Application, base_url: str | None = None) -> str:
        """``prompt=none`` at ``base_url`` (one of several servers); answers the callback URL."""
        url = application.authorize_url(prompt="none")
        if base_url:
            url = url.replace(application.product.base_url, base_url)
        return self.follow(url, application.redirect_uri).headers["Location"]
