resource "aws_iam_role" "mailer" {
  name               = "mailer"
  assume_role_policy = data.aws_iam_policy_document.ecs.json
}

resource "aws_iam_role_policy" "mailer" {
  name   = "mailer"
  role   = aws_iam_role.mailer.name
  policy = file("${path.module}/policies/mailer.json")
}
