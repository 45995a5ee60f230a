"""Ends the session and answers: a redirect that was checked before, or the signed-out page."""

from __future__ import annotations

from flask import Response

from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.signin.login import frontchannel
from idp.signin.login.complete import end_session
from idp.signin.sessions.log_types import SessionLog
from idp.signin.sessions.service import LiveSession
from idp.tenant.audit import log


def sign_out(
    work: Work,
    session: LiveSession | None,
    *,
    client_id: str | None,
    target: str | None,
    ui_locales: str | None = None,
    login_url: str | None = None,
) -> Response:
    """End the session with its tokens, those with offline_access excepted.

    ``target`` was matched against an allow-list, or is None; ``login_url`` is where the signed-out page offers to sign
    in again.
    """
    frames: list[str] = []
    if session is not None:
        frames = frontchannel.frame_urls(work, session.id)
        with work.hot.transaction():
            end_session(work, session.id, session.user_id, "rp-logout")
            log.write(
                work,
                SessionLog.LOGGED_OUT,
                client_id=client_id,
                user_id=session.user_id,
                user_name=session.email or session.name,
            )
    if target is not None and not frames:
        response = Response(status=303)
        response.headers["Location"] = target
        response.headers["Cache-Control"] = "no-store"
    else:
        response = page_context.answer(
            work,
            "login/logout/signed-out.html",
            page_context.page(work, ui_locales=ui_locales),
            frames=frontchannel.origins(frames),
            login_url=login_url,
            continue_url=target,
            frame_urls=frames,
        )
    return http.drop_session(work, response)
