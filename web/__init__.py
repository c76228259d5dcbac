"""What both faces share: language, headers, problem documents, paging, templates. No routes.

`web.face.prepare(app, node)` puts all of it into a Flask application, once, before any view.
"""
