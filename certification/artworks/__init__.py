"""Mark artwork 标志图样: the picture that a brand office gives for the mark of its scheme."""
