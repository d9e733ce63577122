"""Tests of `mvm_tui.config`."""
