"""Branding (``/admin/branding/look``): how hosted pages look, and how they begin."""

from __future__ import annotations

from idp.admin.desk.history import tab as history
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Field, Resource, Section, Tab
from idp.tenant.appearance import api as appearance
from idp.tenant.settings import api as tenant

RESOURCES = (
    Resource(
        group="branding",
        name="look",
        read=appearance.get_branding,
        update=appearance.update_branding,
        single=True,
        title=lambda _document: "",
        tabs=(
            Tab(
                "look",
                (
                    Section(
                        "look",
                        (
                            Field("logo_url", hint=True),
                            Field("favicon_url"),
                            Field("colors.primary", hint=True),
                            Field("colors.page_background", "text"),
                            Field("font.url", hint=True),
                        ),
                    ),
                ),
            ),
            Tab(
                "login",
                (Section("login", (Field("identifier_first", hint=True), Field("universal_login_experience"))),),
                read=tenant.get_prompts,
                update=tenant.update_prompts,
                needs=tenant.get_prompts,
            ),
            raw(),
            history(),
        ),
        aliases=("Universal Login", "theme", "logo", "prompts"),
        api="branding",
    ),
)
