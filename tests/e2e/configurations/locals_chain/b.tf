locals { first = "1st" }
locals {
  second  = "${local.first} 2nd"
  cidrs   = concat(local.office, local.world)
  office  = ["198.51.100.0/24"]
  world   = ["0.0.0.0/0"]
  by_name = { for c in local.cidrs : replace(c, "/[./]/", "-") => c }
  merged  = merge(local.defaults, { size = "large" })
  defaults = {
    size = "small"
    zone = "a"
  }
}
output "cidrs" { value = local.cidrs }
output "by_name" { value = local.by_name }
output "merged" { value = local.merged }
