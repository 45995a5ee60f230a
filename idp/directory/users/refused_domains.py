"""Domains whose addresses nobody may make an account with: the tenant setting ``refused_email_domains``, for services
that hand out addresses to be thrown away.
"""

from __future__ import annotations

from idp.foundation.tenancy.work import Work


def refused(work: Work, address: str) -> bool:
    """Whether the domain of the address, or one above it, is on the tenant's list."""
    listed = work.config.settings.refused_email_domains
    domain = address.rpartition("@")[2].lower().rstrip(".")
    if not listed or not domain:
        return False
    known = work.config.remember("refused-domains", "", lambda: frozenset(listed))
    labels = domain.split(".")
    return any(".".join(labels[at:]) in known for at in range(len(labels)))
