"""Settings that hold for every test."""

from hypothesis import settings

# A loaded machine may take long over one example; that is no finding.
settings.register_profile("mvm-tui", deadline=None)
settings.load_profile("mvm-tui")
