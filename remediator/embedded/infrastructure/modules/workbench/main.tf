variable "team" {
  type = string
}

variable "operators" {
  type    = list(string)
  default = []
}

locals {
  offices = ["198.51.100.0/24"]
}

module "ssh" {
  source = "../ssh-group"
  name   = "workbench-${var.team}"
  cidrs  = distinct(concat(local.offices, var.operators))
}
