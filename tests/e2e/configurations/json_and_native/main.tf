variable "cidr" { default = "0.0.0.0/0" }
locals {
  a = "native"
}
resource "terraform_data" "x" {
  input = ["native", local.b, var.cidr]
}
resource "terraform_data" "y" {
  input = "untouched"
}
output "b" { value = local.b }
