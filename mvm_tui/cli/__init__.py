"""The command line: the same actions as the UI, without a screen."""
