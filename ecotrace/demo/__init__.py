"""The demo: the stories of one season, told through the same use cases as everything else.

Places and varieties are real, firms and people are invented: their codes have a right check digit
and an administrative division that does not exist (digits 3 to 8 = 999999), their names contain
演示, their GTINs begin with 952, the GS1 prefix for examples. Nothing is shown that no code
decided.
"""
