"""Settings file, environment, paths, log file and crash file."""
