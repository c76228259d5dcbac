"""Steps of the chain as people record them: a form's fields become one EPCIS event."""
