variable "only_default" { default = "default" }
variable "from_terraform_tfvars" { default = "default" }
variable "first_auto" { default = "default" }
variable "last_auto" { default = "default" }
variable "json_auto" { default = "default" }
variable "required" {}
variable "list" {
  type    = list(string)
  default = []
}
variable "map" {
  type = map(object({ port = number, cidrs = optional(list(string), ["10.0.0.0/8"]) }))
}
variable "text" { type = string }
variable "heredoc" { type = string }
output "all" {
  value = [
    var.only_default, var.from_terraform_tfvars, var.first_auto, var.last_auto, var.json_auto, var.required,
    var.list, var.map, var.text, var.heredoc,
  ]
}
resource "terraform_data" "each" {
  for_each = var.map
  input    = { key = each.key, port = each.value.port, cidrs = each.value.cidrs }
}
