"""Ends the session and answers: a redirect that was checked before, or the signed-out page."""

from __future__ import annotations

from flask import Response

from idp.audit import log
from idp.login import frontchannel
from idp.login.complete import end_session
from idp.sessions.service import LiveSession
from idp.tenants import http, page_context
from idp.tenants.context import Context
from idp.tokens import store as tokens


def sign_out(
    ctx: Context,
    session: LiveSession | None,
    *,
    client_id: str | None,
    target: str | None,
    ui_locales: str | None = None,
    login_url: str | None = None,
) -> Response:
    """End the session with its tokens, those with offline_access excepted.

    ``target`` was matched against an allow-list, or is None; ``login_url`` is where the signed-out page offers to sign in again.
    """
    frames: list[str] = []
    if session is not None:
        frames = frontchannel.frame_urls(ctx, session.id)
        with ctx.hot.transaction():
            end_session(ctx, session.id, session.user_id, "rp-logout")
            tokens.revoke_of_session(ctx, session.id, offline_too=False)
            log.write(ctx, "slo", client_id=client_id, user_id=session.user_id, user_name=session.email or session.name)
    if target is not None and not frames:
        response = Response(status=303)
        response.headers["Location"] = target
        response.headers["Cache-Control"] = "no-store"
    else:
        response = page_context.answer(
            ctx, "login/logout/signed-out.html", page_context.page(ctx, ui_locales=ui_locales), frames=frontchannel.origins(frames),
            login_url=login_url, continue_url=target, frame_urls=frames,
        )  # fmt: skip
    return http.drop_session(ctx, response)
