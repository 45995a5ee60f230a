"""A WSGI application of a test on a loopback port: relying parties and callback pages that Chromium can visit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server


@contextmanager
def local_site(
    app: Flask,
    *,
    port: int = 0,
    name: str = "localhost",
    address: str = "127.0.0.1",
    tls: bool = False,
    certificate: tuple[Path, Path] | None = None,
) -> Iterator[str]:
    """Serve ``app`` from a thread; the block gets its base URL without a slash, under the name it is known by. With
    ``tls`` its certificate is nobody's unless files with one and its key are given: the browser of the test has to
    overlook that.
    """
    shown = tuple(map(str, certificate)) if certificate else "adhoc"
    server = make_server(address, port, app, threaded=True, ssl_context=shown if tls else None)
    if tls:  # a browser opens connections that it may never use: each is greeted in its own thread
        server.socket.do_handshake_on_connect = False
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://{name}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
