variable "name" {}
variable "port" {}
variable "cidrs" {}
module "rule" {
  count  = length(var.cidrs)
  source = "./rule"
  cidr   = var.cidrs[count.index]
  label  = "${var.name}-${count.index}"
  port   = var.port
}
output "rules" { value = module.rule[*].rule }
output "name" { value = var.name }
