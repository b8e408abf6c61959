resource "aws_iam_role" "exports" {
  name               = "exports"
  assume_role_policy = data.aws_iam_policy_document.ecs.json
}

data "aws_iam_policy_document" "exports" {
  statement {
    sid       = "Bucket"
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::example-exports", "arn:aws:s3:::example-exports/*"]
  }

  statement {
    sid       = "Audit"
    actions   = ["cloudtrail:LookupEvents", "cloudtrail:DescribeTrails"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "exports" {
  name   = "exports"
  path   = "/teams/data/"
  policy = data.aws_iam_policy_document.exports.json
}

resource "aws_iam_role_policy_attachment" "exports" {
  role       = aws_iam_role.exports.name
  policy_arn = aws_iam_policy.exports.arn
}
