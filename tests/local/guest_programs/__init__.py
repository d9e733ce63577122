"""Programs that run as guests in tests, one file each, standard library only."""
