"""Bodies 机构: who serves a scheme, who is competent for which task, who declared what relation."""
