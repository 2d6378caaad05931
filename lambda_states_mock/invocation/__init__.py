"""Functions that run: handlers of the test, the code in a zip, and the execution environments around them."""
