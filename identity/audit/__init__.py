"""The trail: one row for every attempted change, also for a refused one."""
