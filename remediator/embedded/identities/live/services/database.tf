# Called in maintenance windows and in incidents.
resource "aws_iam_role" "db_maintenance" {
  name               = "db-maintenance"
  assume_role_policy = data.aws_iam_policy_document.ecs.json

  tags = {
    Environment = "production"
  }
}

resource "aws_iam_role_policy" "db_maintenance" {
  name = "maintenance"
  role = aws_iam_role.db_maintenance.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["rds:Describe*", "cloudwatch:ListMetrics"]
      Resource = "*"
    }]
  })
}
