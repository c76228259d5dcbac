"""`/openapi.json`, `/docs` and `/docs/problems`: the interface described for machines and people.

Drawn from the running code; nothing comes from elsewhere.
"""
