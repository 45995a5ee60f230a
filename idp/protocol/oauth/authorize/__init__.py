"""``/authorize``: a table of checks, then the login policy, then the answer in the mode that was asked for."""
