"""The command line, Chinese and English (`ECOTRACE_LANG`), with `--json` for machines.

Exit codes: 0 done, 1 difference or refusal, 2 usage, 3 environment. The first word of a line that a
program may read (`scan`, `credit`, `accepted`, `size`, `root`, …) and the keys of `--json` are
never translated.
"""
