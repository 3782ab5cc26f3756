"""Videos as documents of datasets: what their scenes show, redacted."""
