# For the day when all else fails.
resource "aws_iam_role" "break_glass" {
  name = "break-glass-admin"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Action    = "sts:AssumeRole"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })

  tags = {
    Purpose = "break-glass"
  }
}

resource "aws_iam_role_policy" "break_glass" {
  name = "everything"
  role = aws_iam_role.break_glass.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ec2:*", "iam:*", "s3:*"]
      Resource = "*"
    }]
  })
}
