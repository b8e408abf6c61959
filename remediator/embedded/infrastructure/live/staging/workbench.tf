variable "operators" {
  description = "Networks that the team's operators come from"
  type        = list(string)
}

module "workbench" {
  source    = "../../modules/workbench"
  team      = "data"
  operators = var.operators
}
