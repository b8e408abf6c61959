variable "rules" {
  type = list(object({
    port        = number
    protocol    = optional(string, "tcp")
    cidrs       = optional(list(string), ["10.0.0.0/8"])
    description = optional(string)
    options = optional(object({
      log   = optional(bool, false)
      level = optional(number, "3")
    }), {})
  }))
  default = [
    { port = 22 },
    { port = "443", protocol = "udp", cidrs = [], description = "given" },
    { port = 1, protocol = null, cidrs = null, description = null, options = { log = "true" } },
    { port = 2, options = null, unknown_attribute = "dropped" },
  ]
}
variable "by_name" {
  type = map(object({
    size = optional(string, "small")
    tags = optional(map(string), { owner = "ops" })
  }))
  default = {
    a = {}
    b = { size = 5, tags = { x = 1 } }
  }
}
variable "single" {
  type = object({
    enabled = optional(bool, true)
    inner   = optional(object({ x = optional(string, "deep") }))
    both    = optional(object({ x = optional(string, "deep"), y = string }), { y = "given" })
    tuple   = optional(tuple([string, number]), ["1", "2"])
    set     = optional(set(string), ["b", "a"])
  })
  default = {}
}
variable "objects_in_sets" {
  type    = set(object({ n = number, s = optional(string, "none") }))
  default = [{ n = 1 }, { n = 1, s = "none" }, { n = 2 }]
}
variable "null_object" {
  type    = object({ a = optional(string, "x") })
  default = null
}
variable "nothing_optional" {
  type    = object({ a = string })
  default = { a = "x", b = "y" }
}
output "rules" { value = var.rules }
output "by_name" { value = var.by_name }
output "single" { value = var.single }
output "objects_in_sets" { value = var.objects_in_sets }
output "null_object" { value = var.null_object }
output "nothing_optional" { value = var.nothing_optional }
output "used" { value = [for r in var.rules : "${r.protocol}/${r.port}/${coalesce(r.description, "none")}"] }
resource "terraform_data" "rules" {
  for_each = { for r in var.rules : "${r.protocol}-${r.port}" => r }
  input    = each.value.cidrs
}
