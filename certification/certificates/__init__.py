"""Certificates and licences: granted, suspended, resumed, revoked; their state at any moment."""
