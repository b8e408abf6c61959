# One policy for both: the collector makes groups, the shipper never does; neither deletes any.
resource "aws_iam_policy" "logs" {
  name   = "shared-logs"
  policy = module.logs_policy.json
}

module "logs_policy" {
  source  = "../../modules/task-policy"
  actions = ["logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutLogEvents"]
}

resource "aws_iam_role" "log" {
  for_each           = toset(["collector", "shipper"])
  name               = "log-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.ecs.json
}

resource "aws_iam_role_policy_attachment" "log" {
  for_each   = toset(["collector", "shipper"])
  role       = aws_iam_role.log[each.key].name
  policy_arn = aws_iam_policy.logs.arn
}
