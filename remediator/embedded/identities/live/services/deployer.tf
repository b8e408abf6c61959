resource "aws_iam_role" "deployer" {
  name               = "deployer"
  assume_role_policy = data.aws_iam_policy_document.ecs.json

  inline_policy {
    name = "deploy"
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Sid      = "Deploy"
          Effect   = "Allow"
          Action   = ["ecs:DescribeServices", "ecs:ListTasks", "ecs:RunTask"]
          Resource = "*"
        },
        {
          Sid      = "Roles"
          Effect   = "Allow"
          Action   = "iam:PassRole"
          Resource = "arn:aws:iam::123456789012:role/*"
        },
      ]
    })
  }
}
