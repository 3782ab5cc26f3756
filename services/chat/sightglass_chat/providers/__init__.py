"""Models that write answers: one file for each way of speaking to them."""
