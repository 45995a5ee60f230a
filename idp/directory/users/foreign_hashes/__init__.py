"""Hashes of passwords that others made: those of databases that tenants bring along, and those that imports bring.

:mod:`.written` knows hashes that say in one text what they are; :mod:`.imported` those that an import describes
(``custom_password_hash``). Whoever signs in with either has a hash of ours afterwards.
"""

from idp.directory.users.foreign_hashes.imported import fits_imported, is_imported
from idp.directory.users.foreign_hashes.written import fits

__all__ = ["fits", "fits_imported", "is_imported"]
