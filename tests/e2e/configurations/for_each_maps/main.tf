variable "groups" {
  type = map(object({ ports = list(number), open = bool }))
  default = {
    web     = { ports = [80, 443], open = true }
    "admin" = { ports = [22], open = false }
    "a.b/c" = { ports = [], open = true }
    "ünï"   = { ports = [1], open = true }
    "q\"q"  = { ports = [2], open = true }
  }
}
resource "terraform_data" "map" {
  for_each = var.groups
  input    = { name = each.key, ports = each.value.ports, all = each.value }
}
resource "terraform_data" "filtered" {
  for_each = { for k, v in var.groups : k => v if v.open && length(v.ports) > 0 }
  input    = each.value.ports[0]
}
resource "terraform_data" "object" {
  for_each = { a = 1, b = "x", c = [true] }
  input    = each.value
}
resource "terraform_data" "flattened" {
  for_each = merge([for k, v in var.groups : { for p in v.ports : "${k}-${p}" => { group = k, port = p } }]...)
  input    = each.value
}
resource "terraform_data" "none" {
  for_each = {}
  input    = each.value
}
resource "terraform_data" "chained" {
  for_each = terraform_data.filtered
  input    = "${each.key}:${each.value.input}"
}
output "keys" { value = [keys(terraform_data.map), keys(terraform_data.none)] }
output "one" { value = terraform_data.map["web"].input.ports }
