"""The HTTP operations of the emulated IAM Access Analyzer, in moto's server. Imports moto.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_Operations.html
Only `embedded.aws` may import this.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from remediator.embedded.analyzer import UNUSED, Analyzer, AnalyzerState, arn_of
from remediator.embedded.faults import Faults
from remediator.embedded.findings import Finding, Findings
from remediator.embedded.recommend import steps
from remediator.embedded.served import JsonDenials, checked, cut, refused

MODULE = "accessanalyzer"
HOST = re.compile(r"https?://access-analyzer\.(.+)\.amazonaws\.com")
_PAGE = 100


class EmbeddedAccessAnalyzer(JsonDenials, BaseResponse):
    """Made for every request by moto; `analyzer_response` gives it its two attributes."""

    faults: Faults
    state: AnalyzerState

    def __init__(self) -> None:
        super().__init__(service_name=MODULE)
        self._authorizing = False
        self.automated_parameter_parsing = True

    def _authenticate_and_authorize_normal_action(self, resource: str = "*") -> None:
        if not self.raw_body:
            self.data = {}  # moto puts the headers there, and then finds another signature
        self._authorizing = True
        try:
            super()._authenticate_and_authorize_normal_action(resource)
        finally:
            self._authorizing = False

    def _get_action(self) -> str:
        """The second versions of ListFindings and GetFinding need the first ones' permissions:
        https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamaccessanalyzer.html
        """
        name = str(super()._get_action())
        return name.removesuffix("V2") if self._authorizing else name

    def create_analyzer(self) -> ActionResult:
        asked = self._get_param("configuration") or {}
        age = (asked.get("unusedAccess") or {}).get("unusedAccessAge")
        name, kind = self._get_param("analyzerName"), self._get_param("type")
        tags = dict(self._get_param("tags") or {})
        made = self.state.create(self.current_account, self.region, name, kind, age, tags)
        if made is None:
            raise refused("ConflictException", f"there is an analyzer {name}", 409)
        return checked(MODULE, "CreateAnalyzer", {"arn": made.arn})

    def get_analyzer(self) -> ActionResult:
        return checked(MODULE, "GetAnalyzer", {"analyzer": self._named().summary})

    def update_analyzer(self) -> ActionResult:
        analyzer = self._named()
        asked = (self._get_param("configuration") or {}).get("unusedAccess") or {}
        analyzer.age = asked.get("unusedAccessAge") or analyzer.age
        configuration = analyzer.summary.get("configuration", {})
        return checked(MODULE, "UpdateAnalyzer", {"configuration": configuration})

    def delete_analyzer(self) -> ActionResult:
        self.state.delete(self._named().arn)
        return EmptyResult()

    def list_analyzers(self) -> ActionResult:
        kind = self._get_param("type")
        every = self.state.of(self.current_account, self.region)
        found = [a.summary for a in every if kind in (None, a.type)]
        return self._page("ListAnalyzers", "analyzers", found, {})

    def list_findings_v2(self) -> ActionResult:
        criteria = self._get_param("filter") or {}
        found = self._findings(self._analyzer()).chosen(criteria)
        return self._page("ListFindingsV2", "findings", [f.summary for f in found], {})

    def get_finding_v2(self) -> ActionResult:
        finding = self._finding(self._findings(self._analyzer()))
        details = [self._detail(d) for d in finding.draft.details]
        return self._page("GetFindingV2", "findingDetails", details, finding.summary)

    def update_findings(self) -> ActionResult:
        findings = self._findings(self._analyzer())
        ids = [*(self._get_param("ids") or ())]
        resource = self._get_param("resourceArn")
        ids += findings.of_resource(resource) if resource else ()
        try:
            findings.archive(ids, self._get_param("status"), self.state.clock())
        except KeyError as error:
            raise _no_such("finding", str(error.args[0])) from error
        return EmptyResult()

    def start_resource_scan(self) -> ActionResult:
        self.state.scan(self._analyzer())
        return EmptyResult()

    def generate_finding_recommendation(self) -> ActionResult:
        analyzer = self._analyzer()
        finding = self._finding(self._findings(analyzer))
        if analyzer.type not in UNUSED or finding.draft.type != "UnusedPermission":
            raise refused("ValidationException", "the finding is not of unused permissions")
        analyzer.recommendations[finding.id] = self.state.clock()
        analyzer.polls[finding.id] = 0
        return EmptyResult()

    def get_finding_recommendation(self) -> ActionResult:
        analyzer = self._analyzer()
        finding = self._finding(self._findings(analyzer))
        started = analyzer.recommendations.get(finding.id)
        if started is None:
            raise _no_such("recommendation for finding", finding.id)
        analyzer.polls[finding.id] += 1
        body: dict[str, Any] = {
            "startedAt": started,
            "resourceArn": finding.draft.resource,
            "recommendationType": "UnusedPermissionRecommendation",
        }
        if analyzer.polls[finding.id] <= self.state.polls:
            body |= {"status": "IN_PROGRESS"}
            return checked(MODULE, "GetFindingRecommendation", body)
        body["completedAt"] = self.state.clock()
        if finding.id in self.state.failing:
            code, message = self.state.failing[finding.id]
            body |= {"status": "FAILED", "error": {"code": code, "message": message}}
            return checked(MODULE, "GetFindingRecommendation", body)
        body |= {"status": "SUCCEEDED"}
        found = steps(self.state.policies_of(finding), finding.draft.details)
        return self._page("GetFindingRecommendation", "recommendedSteps", found, body)

    def _named(self) -> Analyzer:
        name = self._get_param("analyzerName")
        return self._found(arn_of(self.current_account, self.region, name))

    def _analyzer(self) -> Analyzer:
        return self._found(self._get_param("analyzerArn"))

    def _found(self, arn: str) -> Analyzer:
        found = self.state.find(arn)
        if found is None or (found.account, found.region) != (self.current_account, self.region):
            raise _no_such("analyzer", arn)
        return found

    def _findings(self, analyzer: Analyzer) -> Findings:
        return self.state.looked_at(analyzer)

    def _finding(self, findings: Findings) -> Finding:
        asked = self._get_param("id")
        found = findings.get(asked)
        if found is None:
            raise _no_such("finding", asked)
        return found

    def _detail(self, detail: Any) -> Any:
        unused = detail.get("unusedPermissionDetails") or {}
        if not self.state.prefixed or "actions" not in unused:
            return detail
        service = unused["serviceNamespace"]
        actions = [a | {"action": f"{service}:{a['action']}"} for a in unused["actions"]]
        return {"unusedPermissionDetails": unused | {"actions": actions}}

    def _page(
        self, operation: str, key: str, items: Sequence[Any], body: dict[str, Any]
    ) -> ActionResult:
        asked = int(self._get_param("maxResults") or _PAGE)
        size = self.faults.page_size(f"access-analyzer:{operation}", min(asked, _PAGE))
        try:
            page, token = cut(items, self._get_param("nextToken"), size)
        except ValueError as error:
            raise refused("ValidationException", "the nextToken is not valid") from error
        return checked(MODULE, operation, body | {key: page} | _next(token))


def _next(token: str | None) -> dict[str, str]:
    return {"nextToken": token} if token else {}


def _no_such(what: str, name: str) -> JsonRESTError:
    return refused("ResourceNotFoundException", f"there is no {what} {name}", 404)


def analyzer_response(faults: Faults, state: AnalyzerState) -> type[EmbeddedAccessAnalyzer]:
    """The response class of one server: moto makes an instance a request, without arguments."""
    given = {"faults": faults, "state": state}
    return type("EmbeddedAccessAnalyzer", (EmbeddedAccessAnalyzer,), given)
