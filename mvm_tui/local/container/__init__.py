"""From a zip with a Dockerfile to a folder, and the command that runs in copies of it."""
