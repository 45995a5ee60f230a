"""Device authorization (RFC 8628): a device without a browser of its own asks, and its owner answers in theirs."""
