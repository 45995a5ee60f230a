"""Social providers: a catalogue of data (``catalogue/*.toml``), and code where data cannot say it (``quirks``).

Nothing of it is read before somebody uses a connection of that strategy (docs/decisions/0155).
"""
