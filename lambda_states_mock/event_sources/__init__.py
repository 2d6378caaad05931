"""What invokes functions besides Invoke: sources that Lambda polls for event source mappings."""
