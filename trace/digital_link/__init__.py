"""Addresses that identify: GS1 Digital Link URIs and their twins.

`identifiers` is the table of keys, `link` reads and writes addresses strictly (what our labels and
resolver use), `epc_uri` reads leniently what partners write in events: Digital Link addresses of
any host and EPC URNs.
"""
