"""记一笔: recording a step of the chain, and repeating the last one."""
