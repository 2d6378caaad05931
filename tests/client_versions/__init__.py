"""One story, told by clients of several versions of botocore: what we answer does not depend on the version.

The requests of these clients are recorded in files beside this one. To add a version, install it and run

    python -m tests.client_versions
"""
