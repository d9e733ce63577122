"""mvm-tui: a terminal UI for AWS Lambda MicroVMs."""

__version__ = "0.1.0"
