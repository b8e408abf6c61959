# A service that went live last week, and is not yet through its first month end.
resource "aws_iam_role" "billing" {
  name = "billing"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_policy" "billing" {
  name = "billing"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sqs:GetQueueUrl", "sqs:PurgeQueue", "sns:ListTopics"]
      Resource = "*"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "billing" {
  role       = aws_iam_role.billing.name
  policy_arn = aws_iam_policy.billing.arn
}
