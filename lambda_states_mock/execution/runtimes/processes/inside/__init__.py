"""Files that run within the processes, and import nothing of this package."""
