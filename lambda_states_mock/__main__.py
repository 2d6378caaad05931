"""``python -m lambda_states_mock``: the command line."""

import sys

from lambda_states_mock.command.cli import main

sys.exit(main())
