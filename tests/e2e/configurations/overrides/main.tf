variable "cidr" {
  type    = string
  default = "0.0.0.0/0"
}
variable "typed" {
  default = "5"
}
locals {
  name  = "original"
  other = "kept"
}
resource "terraform_data" "a" {
  input            = { from = "main", name = local.name }
  triggers_replace = ["main"]
  lifecycle {
    create_before_destroy = true
  }
}
resource "terraform_data" "b" {
  count = 2
  input = "b${count.index}"
}
module "inner" {
  source = "./inner"
  text   = "main"
  list   = ["main"]
}
output "all" { value = [var.cidr, var.typed, local.name, local.other, module.inner.both] }
output "replaced" { value = "main" }
