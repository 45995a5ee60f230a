"""An API with FastAPI. Environment: ISSUER, AUDIENCE, PUBLIC_URL, REQUIRE (dpop or mtls)."""

import os
import ssl
from typing import Annotated, Any
from urllib.parse import unquote

from bound_tokens import BoundTokens, Refused
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

app = FastAPI()
tokens = BoundTokens(os.environ["ISSUER"], os.environ["AUDIENCE"], os.environ.get("REQUIRE") or None)


def protected(scope: str) -> Any:
    """The claims of a token that has the scope."""

    def checked(request: Request) -> dict[str, Any]:  # no coroutine: keys may have to be fetched
        sent = request.headers.get("X-Client-Cert")  # set by the proxy, which takes away what callers send
        certificate = ssl.PEM_cert_to_DER_cert(unquote(sent)) if sent else None
        headers = {"Authorization": request.headers.get("authorization", ""), "DPoP": request.headers.get("dpop", "")}
        claims = tokens.claims(request.method, os.environ["PUBLIC_URL"] + request.url.path, headers, certificate)
        if scope not in claims.get("scope", "").split():
            raise Refused("insufficient_scope", f"The scope {scope} is required", 403)
        return claims

    return Depends(checked)


@app.exception_handler(Refused)
def refused(_request: Request, problem: Refused) -> JSONResponse:
    """Say what is wanted."""
    return JSONResponse({"error": str(problem)}, problem.status, {"WWW-Authenticate": problem.challenge})


@app.get("/things")
def things(claims: Annotated[dict[str, Any], protected("read:things")]) -> dict[str, Any]:
    """Whose things."""
    return {"sub": claims["sub"]}
