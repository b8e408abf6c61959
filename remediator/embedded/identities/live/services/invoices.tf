data "aws_iam_policy_document" "ecs" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "invoices" {
  name               = "invoices"
  assume_role_policy = data.aws_iam_policy_document.ecs.json
}

# Written by hand long ago.
resource "aws_iam_policy" "invoices" {
  name = "invoices"

  policy = <<-POLICY
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": [
            "sqs:GetQueueUrl",
            "sqs:SendMessage",
            "sqs:DeleteQueue"
          ],
          "Resource": "arn:aws:sqs:us-east-1:123456789012:sandbox-invoices"
        },
        {
          "Effect": "Allow",
          "Action": "ses:SendEmail",
          "Resource": "*"
        }
      ]
    }
  POLICY
}

resource "aws_iam_role_policy_attachment" "invoices" {
  role       = aws_iam_role.invoices.name
  policy_arn = aws_iam_policy.invoices.arn
}
