"""The service's wire formats, driven by botocore's own service models."""
