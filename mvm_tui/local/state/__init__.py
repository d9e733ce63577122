"""What the local cloud knows: accounts' regions, images, MicroVMs, connectors, tokens. No HTTP here."""
