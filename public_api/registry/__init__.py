"""`/registry/…`: public registers, as pages for people and as JSON for machines.

What stands here anybody may read: organisations with their names, natural persons masked and only
as owners of bases, certificates with their numbers, states and bounded quantities, recalls that
were ordered. Each row names its log entry, so that a stranger can prove it.
"""
