variable "actions" {
  default = ["s3:GetObject", "s3:*"]
}
locals {
  trust = {
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } },
    ]
  }
  admins = toset(["ann", "bob"])
}
resource "aws_iam_role" "encoded" {
  name               = "encoded"
  assume_role_policy = jsonencode(local.trust)
  description        = "With äöü"
}
resource "aws_iam_role" "heredoc" {
  name               = "heredoc"
  assume_role_policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": "sts:AssumeRole",
          "Principal": { "AWS": "*" }
        }
      ]
    }
  EOF
}
resource "aws_iam_role_policy" "encoded" {
  name = "${aws_iam_role.encoded.name}-inline"
  role = aws_iam_role.encoded.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for a in var.actions : { Effect = "Allow", Action = a, Resource = "*" }],
      [{ Effect = "Deny", Action = "iam:*", Resource = "arn:aws:iam::*:role/${aws_iam_role.heredoc.name}" }],
    )
  })
}
resource "aws_iam_policy" "template" {
  for_each    = local.admins
  name        = "template-${each.key}"
  description = format("For %s", title(each.value))
  policy      = templatefile("${path.module}/policy.json.tftpl", { actions = var.actions, who = each.key })
}
resource "aws_iam_policy" "file" {
  name   = "file"
  policy = file("${path.module}/policy.json")
}
resource "aws_iam_policy" "document" {
  name   = "document"
  policy = data.aws_iam_policy_document.later.json
}
resource "aws_iam_user" "each" {
  for_each = local.admins
  name     = each.key
}
resource "aws_iam_user_policy_attachment" "each" {
  for_each   = aws_iam_user.each
  user       = each.value.name
  policy_arn = aws_iam_policy.template[each.key].arn
}
data "aws_iam_policy_document" "later" {
  statement {
    sid       = "Known"
    actions   = var.actions
    resources = ["*"]
  }
  statement {
    sid       = "KnownInPart"
    actions   = ["sts:AssumeRole"]
    resources = [aws_iam_role.encoded.arn, "arn:aws:iam::123456789012:role/known"]
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalArn"
      values   = [aws_iam_role.heredoc.arn]
    }
  }
}
