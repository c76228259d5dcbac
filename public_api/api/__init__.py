"""`/api/v1/…`: everything that a console form does, for machines; described in `/openapi.json`.

An operation reads its body strictly, makes the command and hands it to the one runner. It decides
nothing: what is refused is refused by a use case, in the words of its area.
"""
