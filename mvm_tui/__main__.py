"""``python -m mvm_tui``."""

from mvm_tui.cli.main import main

if __name__ == "__main__":
    main()
