"""Where lifecycle tables meet time: the driver, timings, faults, the timeline and chance."""
