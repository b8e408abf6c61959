# aws_iam_policy_document, in everything that decides about its text.
locals {
  actions = ["s3:PutObject", "s3:GetObject", "s3:GetObject", "ec2:*"]
  rules   = { b = { actions = ["b:X"], open = true }, a = { actions = ["a:Y", "a:Z"], open = false } }
}
data "aws_iam_policy_document" "plain" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "everything" {
  policy_id = "id-of-it"
  version   = "2012-10-17"
  statement {
    sid           = "First"
    effect        = "Deny"
    not_actions   = ["iam:B", "iam:a", "iam:A"]
    not_resources = ["arn:aws:s3:::b", "arn:aws:s3:::a/&{aws:username}/*"]
    not_principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:root"]
    }
  }
  statement {
    sid       = ""
    effect    = null
    actions   = local.actions
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com", "ec2.amazonaws.com"]
    }
    principals {
      type        = "AWS"
      identifiers = ["210987654321"]
    }
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:role/x", "123456789012"]
    }
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::1:role/&{z}"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpc"
      values   = ["vpc-2", "vpc-1", "vpc-2"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpc"
      values   = ["vpc-3"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [true]
    }
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["home/&{aws:username}/*", "<&>\"\\"]
    }
  }
  statement {
    actions   = []
    resources = []
  }
}
data "aws_iam_policy_document" "anyone" {
  statement {
    actions   = ["sts:AssumeRole"]
    resources = null
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    principals {
      type        = "AWS"
      identifiers = []
    }
  }
}
data "aws_iam_policy_document" "nothing" {}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
data "aws_iam_policy_document" "old" {
  version = "2008-10-17"
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "dynamic" {
  statement {
    sid       = "Before"
    actions   = ["x:Before"]
    resources = ["*"]
  }
  dynamic "statement" {
    for_each = local.rules
    content {
      sid       = "Rule${statement.key}"
      actions   = statement.value.actions
      resources = statement.value.open ? ["*"] : ["arn:aws:s3:::closed"]
      dynamic "condition" {
        for_each = statement.value.open ? [] : ["10.0.0.0/8"]
        iterator = range
        content {
          test     = "IpAddress"
          variable = "aws:SourceIp"
          values   = [range.value]
        }
      }
    }
  }
  dynamic "statement" {
    for_each = toset(["q", "p"])
    content {
      actions   = ["set:${statement.key}"]
      resources = [statement.value]
    }
  }
  statement {
    actions   = ["x:After"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "merged" {
  source_policy_documents = [
    data.aws_iam_policy_document.dynamic.json,
    jsonencode({
      Version = "2008-10-17"
      Id      = "source"
      Statement = [
        { Sid = "Encoded", Effect = "Allow", Action = ["b", "a"], Resource = "*" },
        { Effect = "Allow", Action = "one", Resource = ["r"], Principal = "*" },
        { Effect = "Allow", Action = "one", Principal = { AWS = ["2", "1", "3"], Service = "x.amazonaws.com", Federated = ["only"] } },
        { Effect = "Deny", NotAction = [], Resource = "*", Condition = { Bool = { "aws:x" = false }, StringEquals = { b = ["1"], a = ["2", "1"] } } },
        { Effect = "Allow", Action = "two", Principal = { "*" = "*" }, Unknown = "dropped" },
      ]
    }),
  ]
  statement {
    sid       = "Own"
    actions   = ["own:Action"]
    resources = ["*"]
  }
  statement {
    sid       = "Ruleb"
    actions   = ["own:Replaces"]
    resources = ["*"]
  }
  override_policy_documents = [
    <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Sid": "Own", "Effect": "Deny", "Action": "heredoc:Action", "Resource": "*"},
        {"Sid": "New", "Effect": "Allow", "Action": ["heredoc:New"], "Resource": "${local.actions[0]}"},
        {"Effect": "Allow", "Action": "without:Sid", "Resource": "*"}
      ]
    }
    EOT
    ,
    data.aws_iam_policy_document.overriding.minified_json,
    file("${path.module}/override.json"),
  ]
}
data "aws_iam_policy_document" "overriding" {
  policy_id = "overriding"
  statement {
    sid       = "New"
    actions   = ["overriding:New"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "by_count" {
  count = 2
  statement {
    actions   = ["n:${count.index}"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "by_key" {
  for_each                = local.rules
  source_policy_documents = [data.aws_iam_policy_document.by_count[0].json]
  statement {
    actions   = each.value.actions
    resources = [each.key]
  }
}
data "aws_iam_policy_document" "odd" {
  for_each = {
    bool   = jsonencode({ Statement = [{ Condition = { Bool = { a = true, b = [] } } }] })
    empty  = jsonencode({ Statement = [{ Principal = {}, Condition = {}, NotPrincipal = { AWS = [] } }] })
    nulls  = jsonencode({ Version = null, Id = null, Statement = null })
    texts  = jsonencode({ Statement = [{ Principal = "arn:x", Action = "", NotAction = null }] })
    twice  = jsonencode({ Statement = [{ Sid = "a", Action = "1" }, { Sid = "b" }, { Sid = "a", Action = "2" }] })
    higher = jsonencode({ Version = "2012-10-17", id = "x" })
  }
  version                   = "2008-10-17"
  override_policy_documents = [each.value]
}
data "aws_iam_policy_document" "odd_blocks" {
  source_policy_documents   = null
  override_policy_documents = []
  statement {}
  statement {
    actions   = ["a", ""]
    resources = [""]
    condition {
      test     = "A"
      variable = "b"
      values   = []
    }
    condition {
      test     = "A"
      variable = "b"
      values   = ["1"]
    }
    condition {
      test     = "A"
      variable = "c"
      values   = ["2", "1"]
    }
    not_principals {
      type        = "CanonicalUser"
      identifiers = ["c", "b"]
    }
    not_principals {
      type        = "CanonicalUser"
      identifiers = ["a"]
    }
    not_principals {
      type        = "CanonicalUser"
      identifiers = ["e", "d"]
    }
  }
}
output "minified" {
  value = [
    data.aws_iam_policy_document.everything.minified_json,
    data.aws_iam_policy_document.merged.minified_json,
    data.aws_iam_policy_document.nothing.minified_json,
  ]
}
output "decoded" {
  value = jsondecode(data.aws_iam_policy_document.dynamic.json).Statement[1].Action
}
resource "terraform_data" "of_it" {
  input = data.aws_iam_policy_document.merged.json
}
resource "aws_iam_role" "assumed" {
  for_each           = local.rules
  name               = "assumed-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
