"""The events of each source, exactly as Lambda sends them: pure functions, one module for each source."""
