"""A reverse proxy before several web servers: nginx where it is installed, else a small one of our own."""

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from flask import Flask, Response, request

from tests.counterparts.local_site import local_site
from tests.counterparts.program import Program, accepts

NGINX = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  # an access token with every Management API scope is larger than the 8 KiB that nginx takes by default
  large_client_header_buffers 4 16k;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream servers {{ {servers} }}
  server {{
    listen 127.0.0.1:{port};
    location {below} {{
      proxy_pass http://servers;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_connect_timeout 2s;
      proxy_next_upstream error timeout;
    }}
  }}
}}
"""


def _find_nginx() -> str | None:
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin")


def _forwarder(upstreams: list[int]) -> Flask:
    """The next server in turn takes a request; one that cannot be reached is passed over."""
    app = Flask(__name__, static_folder=None)
    turns = itertools.cycle(upstreams)

    @app.route("/", defaults={"path": ""}, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    @app.route("/<path:path>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def forward(path: str) -> Response:
        headers = dict(request.headers) | {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http"}
        for port in itertools.islice(turns, len(upstreams)):
            try:
                answer = requests.request(
                    request.method,
                    f"http://127.0.0.1:{port}{request.full_path.rstrip('?')}",
                    data=request.get_data(),
                    headers=headers,
                    allow_redirects=False,
                    timeout=30,
                )
            except requests.ConnectionError:
                continue
            passed_on = [
                (name, value) for name, value in answer.raw.headers.items() if name.lower() != "transfer-encoding"
            ]
            return Response(answer.content, answer.status_code, passed_on)
        return Response("no server answers", 502)

    return app


@contextmanager
def reverse_proxy(folder: Path, port: int, upstreams: list[int], *, below: str = "/") -> Iterator[str]:
    """Spread requests to ``port`` over the servers on ``upstreams``; the block gets the base URL. ``below`` is the path
    that nginx passes on.
    """
    nginx = _find_nginx()
    if nginx is None:
        with local_site(_forwarder(upstreams), port=port) as base_url:
            yield base_url
        return
    folder.mkdir(parents=True, exist_ok=True)
    servers = " ".join(f"server 127.0.0.1:{upstream} max_fails=1 fail_timeout=1s;" for upstream in upstreams)
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, port=port, servers=servers, below=below))
    argv = [nginx, "-p", folder, "-c", configuration, "-e", folder / "error.log"]
    program = Program.start(argv, log_path=folder / "out.log")
    program.wait_until(lambda: accepts(port), what="accept connections")
    yield f"http://localhost:{port}"
    program.stop()
