"""Attack protection: brute-force lockout. Owns ``login_failures``. Routes: ``/api/v2/user-blocks``."""
