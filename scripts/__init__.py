"""What a developer of this package runs by hand."""
