variable "cidr" {
  default = "192.0.2.0/24"
}
variable "typed" {
  type = number
}
resource "terraform_data" "a" {
  input = { from = "a_override", name = local.name }
}
resource "terraform_data" "b" {
  count = 3
}
module "inner" {
  text = "a_override"
}
