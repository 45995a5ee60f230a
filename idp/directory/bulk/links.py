"""Addresses of exports that are ready: signed, good for a minute, another with every look at the job (security.md
Z6).
"""

from __future__ import annotations

from idp.directory.bulk import columns
from idp.directory.bulk.limits import LINK_S
from idp.directory.bulk.models import Job
from idp.directory.bulk.service import EXPORT
from idp.foundation.kernel import clock, ids
from idp.foundation.tenancy.work import Work

PATH = "exports"


def file_name(tenant: str, job: Job) -> str:
    """What the file is called."""
    about = "" if job.type == EXPORT else f"-{job.type.removesuffix('_export')}"
    return f"{tenant}{about}.{job.document.get('format', columns.JSON)}.gz"


def address(work: Work, job: Job) -> str:
    """Where the file is from now on, for a minute."""
    until, nonce = clock.now() + LINK_S, ids.token(16)
    name = file_name(work.tenant_id, job)
    tag = work.platform.code_signer.tag(_signed(work.tenant_id, job.id, until, nonce))
    return f"{work.config.url}{PATH}/{job.id}/{name}?expires={until}&nonce={nonce}&signature={tag}"


def good(work: Work, job_id: str, *, expires: str, nonce: str, signature: str) -> bool:
    """Whether that address is one of ours, and not over."""
    if not expires.isascii() or not expires.isdigit() or len(expires) > 12 or int(expires) < clock.now():
        return False
    return work.platform.code_signer.check(_signed(work.tenant_id, job_id, int(expires), nonce[:64]), signature)


def _signed(tenant: str, job_id: str, until: int, nonce: str) -> str:
    return "\0".join(("export", tenant, job_id, str(until), nonce))
