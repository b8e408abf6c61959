"""Edits of every kind, tried on the files of real repositories."""
