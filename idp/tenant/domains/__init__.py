"""Custom domains of a tenant: host names under which it answers beside its URL, each proved in the DNS first.

Owns ``custom_domains``, whose model stands in :mod:`idp.foundation.tenancy.models`, since requests are placed by it.
Refuses a name that another tenant holds or lives at. Routes: ``/api/v2/custom-domains``.
"""
