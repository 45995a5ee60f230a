"""No process pays for SAML before the first message: everything the product imports at its start leaves XML out."""

from __future__ import annotations

import subprocess
import sys

from tests.counterparts.program import ROOT

EVERYTHING = """
import sys
from importlib import import_module
from idp.features import FEATURES
from idp.wiring import wire
wire()
for feature in FEATURES:
    for name in (*feature.blueprints, *feature.apis):
        import_module(name.partition(":")[0])
print(sorted({name.partition(".")[0] for name in sys.modules} & {"lxml", "signxml"}))
"""


def test_a_start_reads_no_xml() -> None:
    done = subprocess.run([sys.executable, "-c", EVERYTHING], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
