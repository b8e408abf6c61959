"""Policies of IAM as Terraform writes them: what they grant, and what may go of it."""
