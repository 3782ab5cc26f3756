"""`python -m sightglass_detect PATH...`."""

import sys

from sightglass_detect.cli.running import main

if __name__ == "__main__":
    sys.exit(main())
