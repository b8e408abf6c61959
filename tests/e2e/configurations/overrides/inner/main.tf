variable "text" {}
variable "list" { default = [] }
output "both" { value = [var.text, var.list] }
