"""Events of the chain: what happened to which lots, as EPCIS 2.0 says it, bound in the log."""
