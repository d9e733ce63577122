"""The terminal emulator: bytes in, cells out. Knows no Textual and no network.

`facade.Terminal` is the whole of it for a caller; `keys` and `mouse` turn what the user does into bytes.
Inside: `stream` cuts bytes into events by the tables of `sequences`, `screen` acts on them (its layers are
`grid`, `drawing`, `editing`, `modes`), `history` keeps what scrolled off.
"""
