"""Where two areas meet, and the one way through which anything is written.

`unit.py` opens and commits every business transaction. Each other module is one verb that needs
facts of more than one area: it asks the areas, fills the small dataclass that the deciding rule
declares, and calls the rule. There is no rule of the domain in this folder.
"""
