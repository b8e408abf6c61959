resource "aws_s3_bucket" "exchange" {
  bucket = "example-exchange"
}

resource "aws_s3_bucket_policy" "exchange" {
  bucket = aws_s3_bucket.exchange.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Supplier"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::444455556666:root"] }
        Action    = ["s3:GetObject"]
        Resource  = "arn:aws:s3:::example-exchange/*"
      },
      {
        Sid       = "Ours"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:root" }
        Action    = ["s3:GetObject", "s3:PutObject"]
        Resource  = "arn:aws:s3:::example-exchange/*"
      },
    ]
  })
}

resource "aws_sns_topic" "news" {
  name = "news"
}

resource "aws_sns_topic_policy" "news" {
  arn = aws_sns_topic.news.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Everybody"
      Effect    = "Allow"
      Principal = "*"
      Action    = "sns:Subscribe"
      Resource  = "arn:aws:sns:us-east-1:123456789012:news"
    }]
  })
}

resource "aws_kms_key" "exchange" {
  description = "What is exchanged with suppliers"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Owner"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Supplier"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444455556666:root" }
        Action    = ["kms:Decrypt", "kms:DescribeKey"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_secretsmanager_secret" "exchange" {
  name = "exchange"
}

resource "aws_secretsmanager_secret_policy" "exchange" {
  secret_arn = aws_secretsmanager_secret.exchange.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Supplier"
      Effect    = "Allow"
      Principal = { AWS = ["444455556666", "123456789012"] }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}

resource "aws_ecr_repository" "images" {
  name = "images"
}

resource "aws_ecr_repository_policy" "images" {
  repository = aws_ecr_repository.images.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Pull"
      Effect    = "Allow"
      Principal = { AWS = ["arn:aws:iam::444455556666:root", "arn:aws:iam::123456789012:root"] }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }]
  })
}
