"""What is stored of a person, for whoever has to tell them (spec/privacy.md).

Routes: ``/api/v2/users/{id}/archive``.
"""
