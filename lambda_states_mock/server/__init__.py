"""One mock for several processes."""
