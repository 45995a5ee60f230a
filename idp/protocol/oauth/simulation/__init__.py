"""What would happen if somebody signed in to an application: decided by the code that decides it, without a user,
session, code or token coming of it (decision 0283).

Owns nothing. Walks the checks of ``/authorize``, the login policy and the gate, and says of each claim where it comes
from. Route: ``POST /api/v2/simulations``.
"""
