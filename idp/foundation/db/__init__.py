"""The database: declarative base, tenancy, units of work, hot-path statements, paging, migrations.

Owns how rows are reached; refuses to know what they mean. No routes.
"""
