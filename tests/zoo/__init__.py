"""Capture held to the networks of timm and transformers: `make zoo`, `make zoo-small`."""
