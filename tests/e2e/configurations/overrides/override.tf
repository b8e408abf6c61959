variable "cidr" {
  default = "10.0.0.0/8"
}
locals {
  name = "overridden"
}
resource "terraform_data" "a" {
  input = { from = "override", name = local.name }
}
output "replaced" { value = "override ${var.cidr}" }
