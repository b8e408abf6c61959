resource "aws_iam_user" "anna" {
  name = "anna"
}

resource "aws_iam_group" "developers" {
  name = "developers"
}

resource "aws_iam_group_membership" "developers" {
  name  = "developers"
  group = aws_iam_group.developers.name
  users = [aws_iam_user.anna.name]
}

resource "aws_iam_group_policy" "developers" {
  name  = "developers"
  group = aws_iam_group.developers.name

  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["lambda:ListFunctions", "lambda:DeleteFunction"],
      "Resource": "*"
    }
  ]
}
POLICY
}

resource "aws_iam_policy" "builds" {
  name = "builds"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["codepipeline:ListPipelines", "codepipeline:DeletePipeline"]
      Resource = "*"
    }]
  })
}

resource "aws_iam_group_policy_attachment" "builds" {
  group      = aws_iam_group.developers.name
  policy_arn = aws_iam_policy.builds.arn
}
