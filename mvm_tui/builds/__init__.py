"""From a Dockerfile folder to an image version: checking it, zipping it, uploading, following the build.

Synchronous: everything that waits is told to a callback and can be called off from another thread.
"""
