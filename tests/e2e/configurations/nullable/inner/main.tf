variable "nullable" {
  type    = string
  default = "inner default"
}
variable "not_nullable" {
  type     = string
  default  = "inner default"
  nullable = false
}
variable "list" {
  type     = list(string)
  default  = ["inner default"]
  nullable = false
}
variable "object" {
  type     = object({ a = optional(string, "attribute default") })
  default  = {}
  nullable = false
}
output "all" { value = [var.nullable, var.not_nullable, var.list, var.object] }
resource "terraform_data" "all" {
  input = { a = var.nullable, b = var.not_nullable, c = var.list, d = var.object }
}
