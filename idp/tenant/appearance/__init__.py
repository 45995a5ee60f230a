"""A tenant's appearance: branding, themes, the page around our forms, words and pieces of its own.

Owns the documents of the kinds ``appearance`` and ``custom-text:*``; refuses what could script or leave our pages.
Routes: ``/u/look/<sheet>.css`` and, of the Management API, ``/branding`` and ``/prompts/{prompt}/...``.
"""
