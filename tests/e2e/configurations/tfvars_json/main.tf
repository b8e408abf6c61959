variable "a" {}
variable "b" { default = "default" }
variable "list" { type = list(string) }
variable "rules" { type = map(object({ port = number, open = bool })) }
variable "text" {}
variable "number" {}
variable "nothing" { default = "default" }
output "all" { value = [var.a, var.b, var.list, var.rules, var.text, var.number, var.nothing] }
resource "terraform_data" "each" {
  for_each = toset(var.list)
  input    = each.key
}
