"""`python -m tadori` is the command `tadori`."""

import sys

from .cli import main

sys.exit(main())
