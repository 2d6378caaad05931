"""What users of type checkers see."""
