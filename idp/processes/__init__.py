"""How processes start and stop: the web server, the worker, the command line."""
