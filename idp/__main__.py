"""``python -m idp`` is the ``idp`` command."""

from idp.processes.cli import main

main()
