"""`/epcis/…`: a first slice of EPCIS 2.0 (ISO/IEC 19987) over HTTP, for the token's own party.

Capture answers when it is done: `202` names a job that has finished. Each document is captured
whole or not at all (`GS1-Capture-Error-Behaviour: rollback`, the default of the standard), or event
by event (`proceed`), and each event's outcome is listed.
"""
