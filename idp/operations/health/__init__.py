"""What platforms and monitors ask. Owns no data. Routes: ``/healthz``, ``/readyz``, ``/metrics``, under every host
name.
"""
