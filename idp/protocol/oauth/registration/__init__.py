"""``/oidc/register``: clients that register themselves."""
