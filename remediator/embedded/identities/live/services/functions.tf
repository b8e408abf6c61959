variable "thumbnailer_actions" {
  description = "What the thumbnailer may do"
  type        = list(string)
}

module "thumbnailer" {
  source  = "../../modules/service-role"
  name    = "thumbnailer"
  actions = var.thumbnailer_actions
}

# Both are made alike, and neither has deleted a table since they are there.
module "search" {
  source   = "../../modules/service-role"
  for_each = toset(["crawler", "indexer"])
  name     = "search-${each.key}"
  actions = [
    "dynamodb:DescribeTable",
    "dynamodb:DeleteTable",
  ]
}
