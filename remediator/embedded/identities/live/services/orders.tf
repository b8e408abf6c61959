# The orders API keeps its invoices in S3 and tells the warehouse by SQS.
resource "aws_iam_role" "orders_api" {
  name = "orders-api"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = {
    Team = "orders"
  }
}

resource "aws_iam_role_policy" "orders_api" {
  name = "orders-api"
  role = aws_iam_role.orders_api.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Invoices"
        Effect = "Allow"
        Action = [
          "s3:GetObject",
          "s3:PutObject",
          "s3:GetBucketLocation",
          "s3:DeleteBucket",    # until the bucket was moved
          "s3:PutBucketPolicy", # the same
        ]
        Resource = ["arn:aws:s3:::example-orders", "arn:aws:s3:::example-orders/*"]
      },
      {
        Sid      = "Warehouse"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage", "sqs:GetQueueUrl"]
        Resource = "arn:aws:sqs:us-east-1:123456789012:orders"
      },
      {
        # Nobody has been told anything since the newsletter was given up.
        Sid      = "Newsletter"
        Effect   = "Allow"
        Action   = ["sns:Publish", "sns:ListTopics"]
        Resource = "*"
      },
    ]
  })
}
