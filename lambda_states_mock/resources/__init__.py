"""What exists: frozen records, ARNs and limits."""
