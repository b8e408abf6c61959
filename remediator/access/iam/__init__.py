"""What an IAM policy allows, and whether one allows less than another."""

from remediator.access.iam.compare import allows_nothing_new, compare, compare_documents
from remediator.access.iam.grammar import parse, policy_of
from remediator.access.iam.requests import Request, allows
from remediator.access.iam.statements import Kind, MalformedPolicyError, Policy, Statement
from remediator.access.iam.verdict import Answer, Verdict

__all__ = [
    "Answer",
    "Kind",
    "MalformedPolicyError",
    "Policy",
    "Request",
    "Statement",
    "Verdict",
    "allows",
    "allows_nothing_new",
    "compare",
    "compare_documents",
    "parse",
    "policy_of",
]
