"""Credit records: kept, disclosed while their period runs, and answered for with a signature."""
