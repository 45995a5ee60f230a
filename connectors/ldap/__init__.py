"""Strategy ``ad``: people of an Active Directory or another LDAP directory, asked directly, without an agent.

``ldap3`` is imported by :mod:`connectors.ldap.client` alone, when the first person signs in.
"""
