variable "cidrs" { type = list(string) }
variable "services" {
  type = map(object({ port = number, cidrs = optional(list(string)) }))
}
module "middle" {
  for_each = var.services
  source   = "../middle"
  name     = each.key
  port     = each.value.port
  cidrs    = each.value.cidrs == null ? var.cidrs : each.value.cidrs
}
output "deep" { value = { for k, m in module.middle : k => m.rules } }
output "all" { value = values(module.middle)[*].name }
