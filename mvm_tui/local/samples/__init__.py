"""Sample apps of the local cloud's images. Each is one file, run by itself as ``python -I -S FILE``."""
