"""Outbox: background work committed with the change that asks for it, taken by the worker.

Owns the table, who may take a row, retries and the loop; refuses to know what a task does (``features`` registers
handlers). No routes.
"""
