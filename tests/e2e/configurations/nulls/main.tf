variable "none" { default = null }
variable "typed_none" {
  type    = string
  default = null
}
locals {
  none   = null
  list   = ["a", null]
  object = { a = null, b = 1 }
}
output "compared" { value = [var.none == null, local.none != null, var.typed_none == null, local.object.a == null] }
output "conditional" { value = [var.none == null ? "none" : "some", var.typed_none != null ? var.typed_none : "default"] }
output "list" { value = local.list }
output "object" { value = local.object }
output "filtered" { value = [for x in local.list : x if x != null] }
output "filtered_object" { value = { for k, v in local.object : k => v if v != null } }
output "coalesced" { value = [coalesce(var.typed_none, "x"), coalesce(local.object.a, local.object.b)] }
output "tried" { value = [try(var.none.attribute, "no attributes"), try(length(var.none), "no length"), can("${var.none}")] }
output "splat" { value = [var.none[*], var.typed_none[*], "x"[*]] }
output "merged" { value = merge({ a = 1 }, var.none) }
output "to_list" { value = [for x in [var.none] : x == null] }
output "json" { value = jsonencode(local.object) }
output "compact" { value = compact(["a", "", null]) }
output "nothing" { value = null }
resource "terraform_data" "none" {
  input            = null
  triggers_replace = var.none
}
resource "terraform_data" "some" {
  input = local.object
}
