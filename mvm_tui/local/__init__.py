"""The embedded local cloud: the service's HTTP API on loopback, with MicroVMs that are real processes."""
