"""Parties (主体): the organisations and natural persons that facts are about."""
