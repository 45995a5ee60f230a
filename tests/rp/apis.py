"""The APIs of docs/resource-servers.md, started as they are."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from tests.counterparts.node import NODE_FOLDER, find_node
from tests.counterparts.product import product_environment
from tests.counterparts.program import ROOT, Program, accepts, free_port

API = "https://api.bound.example.test/"
HERE = "https://api.example.com"
"""How callers know the API, behind a proxy."""
HELPERS = ROOT / "docs" / "resource-servers"
PROGRAMS = {
    "flask": "import os; from flask_api import app; app.run('127.0.0.1', int(os.environ['PORT']))",
    "fastapi": "import os, uvicorn; from fastapi_api import app; "
    "uvicorn.run(app, host='127.0.0.1', port=int(os.environ['PORT']))",
}
StartApi = Callable[..., str]


def start(kind: str, issuer: str, require: str, folder: Path) -> tuple[Program, str]:
    """The API of that framework for tokens of ``issuer``; answers the address of its things."""
    port = free_port()
    env = product_environment(PORT=str(port), ISSUER=issuer, AUDIENCE=API, PUBLIC_URL=HERE, REQUIRE=require)
    env["PYTHONPATH"] = f"{HELPERS}{os.pathsep}{env['PYTHONPATH']}"
    where, argv = HELPERS, [sys.executable, "-c", PROGRAMS.get(kind, "")]
    if kind == "express":
        where = folder / "express"
        where.mkdir(exist_ok=True)
        packages = where / "node_modules"
        if not packages.exists():
            packages.symlink_to(NODE_FOLDER / "node_modules")
        (where / "api.mjs").write_text((HELPERS / "express_api.mjs").read_text(encoding="utf-8"), "utf-8")
        argv = [str(find_node()), "api.mjs"]
    program = Program.start(argv, log_path=folder / f"{kind}-{port}.log", env=env, cwd=where)
    program.wait_until(lambda: accepts(port), what="listen")
    return program, f"http://127.0.0.1:{port}/things"


def asked(url: str, token: str, scheme: str = "Bearer", **headers: Any) -> requests.Response:
    """GET with the token."""
    return requests.get(url, headers={"Authorization": f"{scheme} {token}", **headers}, timeout=20)
