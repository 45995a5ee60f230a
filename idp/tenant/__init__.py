"""What a tenant has of its own: settings, signing keys, log entries, mail."""
