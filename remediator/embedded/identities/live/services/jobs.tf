locals {
  job_trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["batch.amazonaws.com", "events.amazonaws.com"] }
      Action    = "sts:AssumeRole"
    }]
  })
}

# Runs every six hours.
resource "aws_iam_role" "reports" {
  name               = "reports-job"
  assume_role_policy = local.job_trust
}

resource "aws_iam_role_policy" "reports" {
  name = "reports"
  role = aws_iam_role.reports.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:DeleteBucket"]
      Resource = "arn:aws:s3:::example-reports"
    }]
  })
}

# Closes the books once a quarter.
resource "aws_iam_role" "quarterly" {
  name               = "quarterly-close"
  assume_role_policy = local.job_trust
}

resource "aws_iam_role_policy" "quarterly" {
  name = "quarterly"
  role = aws_iam_role.quarterly.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:PutBucketLogging", "s3:PutBucketVersioning"]
      Resource = "*"
    }]
  })
}

resource "aws_iam_role" "legacy_batch" {
  name               = "legacy-batch"
  assume_role_policy = local.job_trust
}

resource "aws_iam_role_policy" "legacy_batch" {
  name = "legacy"
  role = aws_iam_role.legacy_batch.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sqs:ReceiveMessage", "sqs:GetQueueUrl", "sns:ListTopics"]
      Resource = "*"
    }]
  })
}

# Nobody has run it since the migration.
resource "aws_iam_role" "migration" {
  name               = "old-migration"
  assume_role_policy = local.job_trust
}

resource "aws_iam_role_policy" "migration" {
  name = "migration"
  role = aws_iam_role.migration.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:*"]
      Resource = "*"
    }]
  })
}
