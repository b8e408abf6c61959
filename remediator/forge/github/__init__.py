"""Changes delivered as pull requests. `reconcile` decides and is pure; `execute` acts."""
