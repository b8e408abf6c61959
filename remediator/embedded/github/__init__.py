"""A stand-in for GitHub, for the tests and the demo: real HTTP, real git behind it.

Its paths are those of a GitHub Enterprise Server (REST under /api/v3, GraphQL at /api/graphql);
the same REST paths answer without the prefix too, as on api.github.com. What it answers is built
from the fields that GitHub's own description requires, and the tests hold every request and
answer against that description.
"""
