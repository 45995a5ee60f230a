"""``/admin``: the dashboard's place; today it names the commands and the API that do its work. Routes: ``/admin``."""
