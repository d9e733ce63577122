"""`python -m mvm_tui.local`: the same as `mvm-tui local`."""

import sys

from mvm_tui.local.main import main

sys.exit(main())
