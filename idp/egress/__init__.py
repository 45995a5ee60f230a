"""Every outbound HTTP call of the product, guarded (security.md P1-P8): logout tokens, key sets, later webhooks and upstream providers.

Owns which addresses may be reached and how; refuses redirects, private addresses that are not allowed, large and slow answers. No routes.
"""

from __future__ import annotations

from idp.egress.client import Answer, get, post, post_form
from idp.egress.guard import EgressError, Refused, Unreachable

__all__ = ["Answer", "EgressError", "Refused", "Unreachable", "get", "post", "post_form"]
