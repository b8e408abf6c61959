"""GraphQL: the mutations that REST does not have, and the few queries around them."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    build_schema,
    get_operation_ast,
    graphql_sync,
    parse,
)

from remediator.embedded.github import graphql_shapes as shapes
from remediator.embedded.github.access import grants, sees
from remediator.embedded.github.events import settle
from remediator.embedded.github.mutations import MUTATIONS, FieldError, Mutation
from remediator.embedded.github.requests import Answer, ApiError, Request
from remediator.embedded.github.world import Issue, Pull, Repository, Token, World


class GraphQl:
    def __init__(self) -> None:
        text = (files("remediator.embedded.github") / "schema.graphql").read_text("utf-8")
        self._schema: GraphQLSchema = build_schema(text)

    def answer(self, request: Request, world: World, token: Token) -> Answer:
        if token.is_jwt:
            raise ApiError(401, "Bad credentials")
        body = request.json()
        root = _Root(request, world, token)
        with world.lock:
            result = graphql_sync(
                self._schema, body.get("query", ""), root_value=root.fields(),
                variable_values=body.get("variables"), operation_name=body.get("operationName"),
            )  # fmt: skip
        return Answer.of(200, _formatted(result))


def operation_of(request: Request) -> tuple[str, str]:
    """Its kind, and the first field: `mutation`, `createCommitOnBranch`."""
    try:
        operation = get_operation_ast(parse(request.json().get("query", "")))
    except (GraphQLError, ApiError):
        operation = None
    if operation is None:
        return "query", "?"
    first = operation.selection_set.selections[0]
    name = getattr(getattr(first, "name", None), "value", "?")
    return operation.operation.value, name


def _formatted(result: ExecutionResult) -> dict[str, Any]:
    """GitHub names the kind of an error beside its message."""
    answer: dict[str, Any] = {}
    if result.data is not None or not result.errors:
        answer["data"] = result.data
    if result.errors:
        answer["errors"] = [_error(error) for error in result.errors]
    return answer


def _error(error: GraphQLError) -> dict[str, Any]:
    formatted: dict[str, Any] = {**error.formatted}
    if isinstance(error.original_error, FieldError):
        formatted = {"type": error.original_error.kind, **formatted}
    return formatted


class _Root:
    """The root value of one request: every field resolves through it."""

    def __init__(self, request: Request, world: World, token: Token) -> None:
        self._links, self._world, self._token = request.links, world, token

    def fields(self) -> dict[str, Any]:
        return {
            "viewer": lambda _info: shapes.actor(self._links, self._token.user),
            "rateLimit": lambda _info, **_: {
                "cost": 1, "limit": 5000, "remaining": 4999, "used": 1,
                "resetAt": "2100-01-01T00:00:00Z",
            },
            "repository": self._repository,
            "node": self._node,
            "nodes": lambda info, ids: [self._node(info, one) for one in ids],
            **{name: self._mutation(name, mutation) for name, mutation in MUTATIONS.items()},
        }  # fmt: skip

    def _repository(self, _info: Any, owner: str, name: str, **_: Any) -> Any:
        repo = self._world.repository(owner, name)
        if repo is None or not sees(self._token, repo):
            text = f"Could not resolve to a Repository with the name '{owner}/{name}'."
            raise FieldError("NOT_FOUND", text)
        settle(self._world, repo, self._token.user)
        return shapes.repository(self._links, repo)

    def _node(self, _info: Any, id: str) -> Any:
        return shapes.pull_request(self._links, *self._pull(id))

    def _pull(self, node_id: str) -> tuple[Repository, Issue, Pull]:
        for repo in self._world.repositories.values():
            for issue, pull in repo.pulls():
                if node_id == f"PR_{repo.id}_{issue.number}" and sees(self._token, repo):
                    settle(self._world, repo, self._token.user)
                    return repo, issue, pull
        raise FieldError(
            "NOT_FOUND", f"Could not resolve to a node with the global id of '{node_id}'"
        )

    def _mutation(self, name: str, mutation: Mutation) -> Any:
        def resolve(_info: Any, input: dict[str, Any]) -> dict[str, Any]:
            repo, issue, pull = self._target(input)
            if not self._may(mutation, repo):
                raise FieldError("FORBIDDEN", "Resource not accessible by integration")
            payload = mutation.run(self._world, self._token, repo, issue, pull, input)
            settle(self._world, repo, self._token.user)
            about: dict[str, Any] = {
                "clientMutationId": input.get("clientMutationId"),
                "actor": shapes.actor(self._links, self._token.user),
            }
            if issue and pull and "id" not in input:
                about["pullRequest"] = shapes.pull_request(self._links, repo, issue, pull)
            if "sha" in payload:
                about["commit"] = shapes.commit(self._links, repo, payload["sha"])
                about["ref"] = shapes.ref(self._links, repo, payload["branch"])
            return about

        return resolve

    def _target(self, given: dict[str, Any]) -> tuple[Repository, Issue | None, Pull | None]:
        if "pullRequestId" in given or "id" in given:
            return self._pull(given.get("pullRequestId") or given["id"])
        name = given["branch"].get("repositoryNameWithOwner", "")
        owner, _, short = name.partition("/")
        repo = self._world.repository(owner, short)
        if repo is None or not sees(self._token, repo):
            raise FieldError(
                "NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'."
            )
        return repo, None, None

    def _may(self, mutation: Mutation, repo: Repository) -> bool:
        if self._token.permissions is None:
            return repo.is_allowed(self._token.user, "write")
        return all(grants(self._token, need) for need in mutation.needs)
