"""An API with Flask. Environment: ISSUER, AUDIENCE, PUBLIC_URL, REQUIRE (dpop or mtls)."""

import os
import ssl
from functools import wraps
from urllib.parse import unquote

from bound_tokens import BoundTokens, Refused
from flask import Flask, g, jsonify, request

app = Flask(__name__)
tokens = BoundTokens(os.environ["ISSUER"], os.environ["AUDIENCE"], os.environ.get("REQUIRE") or None)


def protected(scope):
    """Only with a token that has the scope."""

    def wrap(view):
        @wraps(view)
        def wrapped(*args, **more):
            sent = request.headers.get("X-Client-Cert")  # set by the proxy, which takes away what callers send
            certificate = ssl.PEM_cert_to_DER_cert(unquote(sent)) if sent else None
            url = os.environ["PUBLIC_URL"] + request.path
            g.claims = tokens.claims(request.method, url, request.headers, certificate)
            if scope not in g.claims.get("scope", "").split():
                raise Refused("insufficient_scope", f"The scope {scope} is required", 403)
            return view(*args, **more)

        return wrapped

    return wrap


@app.errorhandler(Refused)
def refused(problem):
    """Say what is wanted."""
    return jsonify(error=str(problem)), problem.status, {"WWW-Authenticate": problem.challenge}


@app.get("/things")
@protected("read:things")
def things():
    """Whose things."""
    return jsonify(sub=g.claims["sub"])
