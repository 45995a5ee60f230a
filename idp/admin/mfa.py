"""Second factors (``/admin/security/mfa``): which there are, who is asked, how long a browser is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Action as A
from idp.admin.desk.resource import Done, Field, Resource, Section, Tab
from idp.signin.factors import api as factors
from idp.signin.factors.settings import DEFAULTS, FACTORS, KIND

NOBODY = "nobody"
POLICIES = (NOBODY, "confidence-score", "all-applications")
REMEMBERED = (
    Field("display_remember_me_checkbox", hint=True),
    Field("remember_me_default_value"),
    Field("mfa_session_inactivity_timeout", hint=True),
    Field("mfa_session_overall_timeout", hint=True),
)


def _factors(visit: Visit, _there: Object) -> Mapping[str, Any]:
    work = visit.work
    asked = operations.call(work, factors.list_policies) if operations.may(work, factors.list_policies) else []
    return {
        "factors": sorted(operations.call(work, factors.list_factors), key=lambda each: each["name"] in factors.KEPT),
        "kept": factors.KEPT,
        "may_switch": operations.may(work, factors.switch_factor),
        "policies": POLICIES if operations.may(work, factors.list_policies) else (),
        "policy": asked[0] if asked else NOBODY,
        "may_set": operations.may(work, factors.set_policies),
    }


def _switch(visit: Visit, _there: Object) -> Done:
    name, on = visit.form.get("name", ""), visit.form.get("on") == "true"
    operations.call(visit.work, factors.switch_factor, {"name": name}, {"enabled": on})
    back = {"name": name, "on": "false" if on else "true"}
    return Done("mfa.done.on" if on else "mfa.done.off", back, undo="switch", lands="factors")


def _policy(visit: Visit, _there: Object) -> Done:
    wanted = visit.form.get("policy", "")
    operations.call(visit.work, factors.set_policies, {}, [] if wanted == NOBODY else [wanted])
    return Done("mfa.done.policy", lands="factors")


_RECORDED = (
    *((KIND, name) for name in FACTORS),
    *(("tenant-documents", f"{KIND}/{name}") for name in DEFAULTS),
)
"""What the log calls the switches and the documents of them."""

RESOURCES = (
    Resource(
        group="security",
        name="mfa",
        read=factors.get_settings,
        update=factors.set_settings,
        single=True,
        title=lambda _document: "",
        tabs=(
            Tab("factors", template="admin/mfa/factors.html", view=_factors, needs=factors.list_factors),
            Tab("remembered", (Section("remembered", REMEMBERED),)),
            history(),
        ),
        actions=(
            A("switch", factors.switch_factor, _switch, tab="factors"),
            A("policy", factors.set_policies, _policy, fresh=True, tab="factors"),
        ),
        aliases=("Multi-factor Auth", "guardian", "2FA", "second factor"),
        beside=lambda _id: _RECORDED,
        api="guardian",
    ),
)
