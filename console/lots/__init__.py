"""Own lots: the list with balances, one lot, opening one."""
