"""Many users at once: imports, exports and other jobs of the Management API, converters for other products.

Owns jobs, what they read, write and refuse; refuses to write users itself (``users.service`` does). Endpoints
``/jobs``, page ``/exports``, commands ``idp users import`` and ``idp users export``.
"""
