"""Where other libraries meet the backend: each module knows one of them, and puts back all that it touched."""
