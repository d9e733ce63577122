"""The living state that the UI and the command line share: store, poller, actions, ledger."""
