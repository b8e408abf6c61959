locals {
  third = "${local.second}!"
  all   = { first = local.first, second = local.second, third = local.third }
}
output "all" { value = local.all }
