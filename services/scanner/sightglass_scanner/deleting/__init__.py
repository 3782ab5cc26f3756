"""What was deleted of datasets is removed, with all that was made of it."""
