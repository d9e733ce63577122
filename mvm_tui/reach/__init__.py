"""A MicroVM's HTTP endpoint: forwarding it to this machine, calling it once, probing it.

Knows no AWS and no screen: it is handed how to mint a token, how to look at the MicroVM, and whether it may
be resumed. All of it runs on one asyncio loop; what it is handed blocks and is called in threads.
"""
