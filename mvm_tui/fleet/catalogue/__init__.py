"""Every action there is, one table for each screen and one for the whole app."""
