"""What people read when a test fails."""
