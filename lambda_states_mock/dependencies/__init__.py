"""What Lambda depends on: other services, what a test scripts of them (``m.world``), and who may do what."""
