"""The terminal emulator: bytes in, cells out. Knows no Textual and no network."""
