"""From request parameters to records, and from records to the shapes of AWS's answers."""
