"""The one state machine: rows of state, event, role, guards, next; nothing else happens."""
