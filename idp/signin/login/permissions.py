"""What an application may do, in the sentences of the consent page: there and wherever a person sees it again."""

from __future__ import annotations

from collections.abc import Mapping

from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.users.attributes import SCOPE_CLAIMS
from idp.foundation.kernel.scopes import OIDC_SCOPES
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts, shown
from idp.foundation.web.view_models import ScopeGroup, ScopeItem, account_scopes
from idp.signin.user_grants.consent import Wanted


def asked_for(work: Work, texts: Texts, wanted: Wanted) -> list[ScopeGroup]:
    """Identity scopes and single claims as sentences, then those of the API's own that it has today, with their
    descriptions. Who asks for nothing by name still learns who the person is, and may call the API.
    """
    account = account_scopes(texts, work.config.friendly_name, {"openid", *wanted.scopes}, wanted.extra)
    groups = [account] if account else []
    api = resource_servers.find(work, wanted.audience) if wanted.audience else None
    if api is None:
        return groups
    items = [_item(each.value, each.description) for each in api.data.scopes if each.value in wanted.scopes]
    return [*groups, ScopeGroup(shown(api.name), items or [_calls(texts, api.name)], audience=api.identifier)]


def granted(work: Work, texts: Texts, by_audience: Mapping[str, Wanted]) -> list[ScopeGroup]:
    """What was granted over time, by the audience it was granted for ("" for none): what concerns the account once,
    then API by API. A scope without a sentence of its own, such as one whose API is gone, stands by its name.
    """
    everything = Wanted(
        scopes=tuple(scope for each in by_audience.values() for scope in each.scopes),
        claims=tuple(claim for each in by_audience.values() for claim in each.claims),
    )
    account = account_scopes(texts, work.config.friendly_name, {"openid", *everything.scopes}, everything.extra)
    groups = [account] if account else []
    for audience, wanted in by_audience.items():
        api = resource_servers.find(work, audience) if audience else None
        words = {scope.value: scope.description for scope in api.data.scopes} if api else {}
        own = sorted(set(wanted.scopes) - set(OIDC_SCOPES) - set(SCOPE_CLAIMS))
        items = [_item(scope, words.get(scope)) for scope in own]
        if audience and not items:
            items = [_calls(texts, api.name if api else audience)]
        if items:
            groups.append(ScopeGroup(shown(api.name if api else audience), items, audience=audience))
    return groups


def _item(value: str, description: str | None) -> ScopeItem:
    return ScopeItem(value, shown(description) if description else None)


def _calls(texts: Texts, api_name: str) -> ScopeItem:
    return ScopeItem("", texts.t("consent.consent.apiText", apiName=api_name))
