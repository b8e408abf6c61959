# A new finding wakes the workflow, without a Lambda: EventBridge calls GitHub's API itself.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html

locals {
  events = var.dispatch_token == null ? 0 : 1
}

resource "aws_cloudwatch_event_connection" "github" {
  count = local.events

  name               = "${var.role_name}-github"
  description        = "Sends repository_dispatch to ${var.repository}"
  authorization_type = "API_KEY"

  auth_parameters {
    api_key {
      key   = "Authorization"
      value = "Bearer ${var.dispatch_token}"
    }
  }
}

resource "aws_cloudwatch_event_api_destination" "github" {
  count = local.events

  name                             = "${var.role_name}-dispatch"
  connection_arn                   = aws_cloudwatch_event_connection.github[0].arn
  invocation_endpoint              = "${var.github_api_url}/repos/${var.repository}/dispatches"
  http_method                      = "POST"
  invocation_rate_limit_per_second = 1
}

resource "aws_cloudwatch_event_rule" "findings" {
  count = local.events

  name        = "${var.role_name}-findings"
  description = "New findings of AWS Config and IAM Access Analyzer"

  event_pattern = jsonencode({
    "$or" = [
      {
        source        = ["aws.config"]
        "detail-type" = ["Config Rules Compliance Change"]
        detail = {
          newEvaluationResult = { complianceType = ["NON_COMPLIANT"] }
        }
      },
      {
        source        = ["aws.access-analyzer"]
        "detail-type" = ["Access Analyzer Finding", "Unused Access Finding for IAM entities"]
        detail        = { status = ["ACTIVE"] }
      },
    ]
  })
}

resource "aws_cloudwatch_event_target" "github" {
  count = local.events

  rule     = aws_cloudwatch_event_rule.findings[0].name
  arn      = aws_cloudwatch_event_api_destination.github[0].arn
  role_arn = aws_iam_role.events[0].arn

  # What the run needs to know where to look: it asks AWS itself whether that is so.
  input_transformer {
    input_paths = {
      type      = "$.detail-type"
      account   = "$.account"
      region    = "$.region"
      time      = "$.time"
      resources = "$.resources"
      detail    = "$.detail"
    }
    input_template = <<-JSON
      {"event_type": "remediator", "client_payload": {"event": {"detail-type": <type>, "account": <account>, "region": <region>, "time": <time>, "resources": <resources>, "detail": <detail>}}}
    JSON
  }

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }
}

data "aws_iam_policy_document" "events_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "events" {
  count = local.events

  name               = "${var.role_name}-events"
  description        = "EventBridge calls the one API destination of Remediator."
  assume_role_policy = data.aws_iam_policy_document.events_trust.json
}

resource "aws_iam_role_policy" "events" {
  count = local.events

  name = "invoke"
  role = aws_iam_role.events[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "events:InvokeApiDestination"
      Resource = aws_cloudwatch_event_api_destination.github[0].arn
    }]
  })
}
