"""Tests of `mvm_tui.cli`."""
