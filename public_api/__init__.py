"""What strangers and machines see: scan page, resolver, EPCIS, credit, registers, the log.

Views here parse, call a use case or a reader, and render. They never decide.
"""
