"""What can go wrong, named once; three edges (OAuth, Management API, pages) render it.

::

    GatehouseError                  message (public), detail (private, for logs only)
    ├── OAuthError                  error, error_description, status  (RFC 6749 4.1.2.1 and 5.2)
    ├── ManagementError             status, error_code                (spec/00-conventions.md)
    │   ├── BadRequest 400  ── Unauthorized 401  ── Forbidden 403
    │   ├── NotFound 404    ── Conflict 409      ── VersionMismatch 412 ── PayloadTooLarge 413
    │   ├── UnsupportedMediaType 415
    │   └── TooManyRequests 429 ── Unavailable 503
    ├── PageError                   status, error                     (a page, never a redirect)
    ├── Overloaded                  bounded work queue is full: 503 with Retry-After
    └── StoreUnavailable            the database does not answer: 503 with Retry-After
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Self


class GatehouseError(Exception):
    """Root of the tree. ``message`` may be shown to anyone; ``detail`` goes to the log only."""

    def __init__(self, message: str, *, detail: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail

    def again(self) -> Self:
        """The same, of nobody's request: one that was raised holds the frames that it passed, and gains some each time.
        Whoever keeps one for others keeps this, and raises another such.
        """
        made = type(self).__new__(type(self), *self.args)
        made.__dict__.update(self.__dict__)
        return made


class OAuthError(GatehouseError):
    """An error in OAuth's own words.

    ``error`` is a code of RFC 6749, OpenID Connect Core or an extension; ``status`` is used where the
    answer is JSON (redirects ignore it); ``extra`` holds further members of the JSON answer, ``headers`` what stands in
    its head besides.
    """

    def __init__(
        self,
        error: str,
        description: str,
        *,
        status: int = 400,
        detail: str | None = None,
        extra: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(description, detail=detail)
        self.error = error
        self.description = description
        self.status = status
        self.extra = extra or {}
        self.headers = headers or {}


def invalid_request(description: str, *, detail: str | None = None) -> OAuthError:
    """RFC 6749 5.2 ``invalid_request``: a parameter is missing, repeated or malformed."""
    return OAuthError("invalid_request", description, detail=detail)


def invalid_client(description: str = "Client authentication failed", *, detail: str | None = None) -> OAuthError:
    """RFC 6749 5.2 ``invalid_client``; 401 as contract.md section 7 says."""
    return OAuthError("invalid_client", description, status=401, detail=detail)


def invalid_grant(description: str, *, detail: str | None = None) -> OAuthError:
    """RFC 6749 5.2 ``invalid_grant``: the code, token or assertion is wrong, spent or not the caller's."""
    return OAuthError("invalid_grant", description, detail=detail)


def unauthorized_client(description: str, *, detail: str | None = None) -> OAuthError:
    """RFC 6749 5.2 ``unauthorized_client``: this client may not use this grant type."""
    return OAuthError("unauthorized_client", description, detail=detail)


class ManagementError(GatehouseError):
    """An answer of the Management API: ``{statusCode, error, message, errorCode?}`` (spec/00-conventions.md)."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(
        self,
        message: str,
        error_code: str | None = None,
        *,
        detail: str | None = None,
        attributes: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        where: str = "",
    ) -> None:
        super().__init__(message, detail=detail)
        self.error_code = error_code
        self.attributes = attributes
        self.headers = headers or {}
        self.where = where
        """The member of the body that is at fault, as its message names it; empty where none is."""


class BadRequest(ManagementError):
    """400; ``error_code`` is usually ``invalid_body``, ``invalid_query_string`` or ``invalid_uri``."""


class Unauthorized(ManagementError):
    """401: no token, or one that is not good here."""

    status = HTTPStatus.UNAUTHORIZED


class Forbidden(ManagementError):
    """403: the token is good, its scopes are not."""

    status = HTTPStatus.FORBIDDEN


class NotFound(ManagementError):
    """404, also for another tenant's things."""

    status = HTTPStatus.NOT_FOUND


class Conflict(ManagementError):
    """409: it exists already."""

    status = HTTPStatus.CONFLICT


class VersionMismatch(ManagementError):
    """412: somebody else changed it since the caller looked (RFC 9110 13.1.1); a form of the dashboard says 409."""

    status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self) -> None:
        super().__init__("The object was changed since you read it.", "precondition_failed")


class PayloadTooLarge(ManagementError):
    """413."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedMediaType(ManagementError):
    """415: the body is of another kind than this edge reads."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class TooManyRequests(ManagementError):
    """429 with ``Retry-After``."""

    status = HTTPStatus.TOO_MANY_REQUESTS


class Unavailable(ManagementError):
    """503."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class PageError(GatehouseError):
    """Shown to a person on our own origin; ``error`` is the OAuth-like code printed on the page. ``sign_in`` is the
    path below the tenant's own at which another account may do what this one may not; None where none may.
    """

    def __init__(
        self, error: str, message: str, *, status: int = 400, detail: str | None = None, sign_in: str | None = None
    ) -> None:
        super().__init__(message, detail=detail)
        self.error = error
        self.status = status
        self.sign_in = sign_in


class Overloaded(GatehouseError):
    """A bounded resource stayed busy for too long; ``retry_after`` is in seconds."""

    def __init__(self, message: str = "The service is busy. Try again in a moment.", *, retry_after: int = 2) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StoreUnavailable(Overloaded):
    """The database does not answer."""

    def __init__(self, *, detail: str | None = None) -> None:
        super().__init__("The service is temporarily unavailable. Try again in a moment.", retry_after=2)
        self.detail = detail
