"""Following goods: products, bases, lots, the steps they go through, labels, recall.

The name also belongs to a module of the standard library; `ecotrace/__init__.py` says how the
folder of the project comes first.
"""
