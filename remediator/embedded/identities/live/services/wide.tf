# AWS's own policy, where a small one would do.
resource "aws_iam_role" "archive" {
  name                = "archive"
  assume_role_policy  = data.aws_iam_policy_document.ecs.json
  managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"]
}

resource "aws_iam_role" "everything_but" {
  name               = "everything-but"
  assume_role_policy = data.aws_iam_policy_document.ecs.json
}

resource "aws_iam_role_policy" "everything_but" {
  name = "everything-but"
  role = aws_iam_role.everything_but.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      NotAction = ["iam:*", "organizations:*"]
      Resource  = "*"
    }]
  })
}

# Somebody has added to this one in the console.
resource "aws_iam_role" "console_edited" {
  name               = "console-edited"
  assume_role_policy = data.aws_iam_policy_document.ecs.json
}

resource "aws_iam_role_policy" "console_edited" {
  name = "queues"
  role = aws_iam_role.console_edited.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sqs:GetQueueUrl", "sqs:PurgeQueue"]
      Resource = "*"
    }]
  })
}
