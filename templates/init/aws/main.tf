# The identity of the workflow's runs, and a role that can read and nothing else.
# https://docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  account      = data.aws_caller_identity.current.account_id
  partition    = data.aws_partition.current.partition
  provider_arn = "arn:${local.partition}:iam::${local.account}:oidc-provider/${var.oidc_issuer}"
  is_first     = var.trusted_role_arn == null
}

resource "aws_iam_openid_connect_provider" "github" {
  count = local.is_first && var.create_oidc_provider ? 1 : 0

  url            = "https://${var.oidc_issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "trust_role" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [coalesce(var.trusted_role_arn, local.account)]
    }
  }
}

data "aws_iam_policy_document" "trust_workflow" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${var.oidc_issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    # This branch of this repository, and not any: no pattern, and no pull request.
    condition {
      test     = "StringEquals"
      variable = "${var.oidc_issuer}:sub"
      values   = ["repo:${var.repository}:ref:refs/heads/${var.branch}"]
    }
  }
}

resource "aws_iam_role" "remediator" {
  name                 = var.role_name
  description          = "Remediator reads findings and what is live. It changes nothing."
  assume_role_policy   = local.is_first ? data.aws_iam_policy_document.trust_workflow.json : data.aws_iam_policy_document.trust_role.json
  max_session_duration = 3600

  depends_on = [aws_iam_openid_connect_provider.github]
}

data "aws_iam_policy_document" "reads" {
  # None of these lists for one resource alone; all of them read.
  statement {
    sid = "RemediatorReads"
    actions = [
[% for permission in reads %]
      [[ ((permission.action | quoted) ~ ',').ljust(width) ]] # [[ permission.why ]]
[% endfor %]
    ]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = length(var.state_objects) > 0 ? [var.state_objects] : []

    content {
      sid       = "RemediatorReadsStates"
      actions   = ["s3:GetObject"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(var.further_role_arns) > 0 ? [var.further_role_arns] : []

    content {
      sid       = "RemediatorReadsFurtherAccounts"
      actions   = ["sts:AssumeRole"]
      resources = statement.value
    }
  }
}

resource "aws_iam_role_policy" "reads" {
  name   = "reads"
  role   = aws_iam_role.remediator.id
  policy = data.aws_iam_policy_document.reads.json
}
