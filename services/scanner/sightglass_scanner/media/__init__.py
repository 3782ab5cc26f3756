"""Objects of a scan that others look at: films, which the worker analyses."""
