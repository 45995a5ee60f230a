"""The feature: what a tenant starts with."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.foundation.kernel.events import TenantMoved
from idp.foundation.tenancy.reactions import On
from idp.operations.installation import samples

FEATURE = Feature(name="installation", reactions=(On(TenantMoved, samples.follow_tenant),))
