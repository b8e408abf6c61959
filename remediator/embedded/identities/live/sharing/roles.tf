# 444455556666 was a supplier's; nobody knows whose it is today.
resource "aws_iam_role" "partner_export" {
  name = "partner-export"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        AWS = [
          "arn:aws:iam::123456789012:root",
          "arn:aws:iam::444455556666:root", # the supplier
        ]
      }
      Action = "sts:AssumeRole"
    }]
  })
}

# Used every night.
resource "aws_iam_role" "vendor_sync" {
  name               = "vendor-sync"
  assume_role_policy = data.aws_iam_policy_document.vendor.json
}

data "aws_iam_policy_document" "vendor" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:root", "arn:aws:iam::555566667777:root"]
    }
  }
}

# The auditors' account is one of ours.
resource "aws_iam_role" "audit_reader" {
  name = "audit-reader"

  assume_role_policy = <<-POLICY
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": {"AWS": "arn:aws:iam::222233334444:root"},
          "Action": "sts:AssumeRole"
        }
      ]
    }
  POLICY
}
