"""A MicroVM's shell over a websocket: protocol, session, tokens, recording. Knows no Textual."""
