"""Brand office: the register of marks, marks that end soon, decisions about them, granting one,
and the artwork of each mark."""
