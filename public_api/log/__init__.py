"""The log at the addresses of C2SP tlog-tiles, for witnesses, auditors and everybody else."""
