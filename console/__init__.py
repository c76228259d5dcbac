"""HTML for people who sign in, phone first, Chinese by default.

Views parse, call, render. A form is a marshmallow shape (`console.sheet.Form`); what it does is a
use case that `/api/v1` calls too, run by `current_node().unit` with the form's own key, so that a
second tap gives the first answer. What is refused is shown at its field, in the reader's language
and with its numbers, under the refusal's own status, and everything that was typed stays.

Everything works without JavaScript; htmx only saves a page. Who is let in is decided by
`console.doors`, once for each desk; whose thing it is, by the area's own rule.
"""
