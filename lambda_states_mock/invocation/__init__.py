"""From an event to its result: admission, routing, the run, the asynchronous queue and destinations."""
