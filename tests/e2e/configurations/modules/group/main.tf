variable "name" { type = string }
variable "ports" {
  type    = list(number)
  default = [22]
}
variable "cidrs" {
  type    = set(string)
  default = ["10.0.0.0/8", "0.0.0.0/0"]
}
variable "tags" {
  type    = map(string)
  default = {}
}
locals {
  pairs = flatten([for p in var.ports : [for c in var.cidrs : { port = p, cidr = c }]])
}
resource "terraform_data" "rule" {
  for_each = { for x in local.pairs : "${x.port}-${x.cidr}" => x }
  input    = merge(each.value, { group = var.name, tags = merge({ module = "group" }, var.tags) })
}
output "name" { value = var.name }
output "cidrs" { value = tolist(var.cidrs) }
output "ports" { value = var.ports }
output "object" { value = { rules = keys(terraform_data.rule), tags = var.tags } }
