"""What answers took, and what of it is allowed."""
