"""Images that scans meet: read by the text engine."""
