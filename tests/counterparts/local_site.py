"""A WSGI application of a test on a loopback port: relying parties and callback pages that Chromium can visit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import make_server


@contextmanager
def local_site(app: Flask, *, port: int = 0) -> Iterator[str]:
    """Serve ``app`` from a thread; the block gets its base URL, by the name ``localhost`` and without a slash."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
