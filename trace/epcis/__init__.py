"""EPCIS 2.0 events in JSON: read, checked, hashed, put into our own canonical record, and made.

Order of use: `document.read_document` splits a document into events, `check.check_event` says what
is wrong with each, `event_hash` names it, `understood` writes down what it says; `farm` makes the
events of our own steps. All of it is pure: no clock, no database, no network.
"""
