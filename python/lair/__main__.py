"""`python -m lair` is `lair`."""

import sys

from lair.cli import main

sys.exit(main())
