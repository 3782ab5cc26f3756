"""Objects of a scan that the worker looks at: films and images."""
