import sys

from trunkline_local.cli import main

sys.exit(main(sys.argv[1:]))
