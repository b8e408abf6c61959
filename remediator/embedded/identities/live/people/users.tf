# May make roles, and never did.
resource "aws_iam_user" "ben" {
  name = "ben"
}

resource "aws_iam_user_policy" "ben" {
  name = "ben"
  user = aws_iam_user.ben.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["iam:GetUser", "iam:CreateRole", "iam:PutRolePolicy"]
      Resource = "*"
    }]
  })
}

resource "aws_iam_user" "carla" {
  name = "carla"
}

# Of a laptop that was lost.
resource "aws_iam_access_key" "carla" {
  user   = aws_iam_user.carla.name
  status = "Active"
}

resource "aws_iam_user_policy_attachment" "carla" {
  user       = aws_iam_user.carla.name
  policy_arn = aws_iam_policy.builds.arn
}

# Uploads nothing any more.
resource "aws_iam_user" "uploader" {
  name = "uploader"
}

resource "aws_iam_access_key" "uploader" {
  user   = aws_iam_user.uploader.name
  status = "Active"
}

resource "aws_iam_user" "erik" {
  name = "erik"
  path = "/contractors/"
}

# Everybody here signs in to the console; Erik has not for long.
resource "aws_iam_user_login_profile" "erik" {
  user = aws_iam_user.erik.name
}

resource "aws_iam_user_login_profile" "anna" {
  user = aws_iam_user.anna.name
}

resource "aws_iam_user_login_profile" "ben" {
  user = aws_iam_user.ben.name
}

resource "aws_iam_user_login_profile" "carla" {
  user = aws_iam_user.carla.name
}
