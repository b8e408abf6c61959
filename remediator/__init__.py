"""Remediator closes AWS security findings by changing the Terraform that owns the resource."""

__version__ = "0.1.0"
