variable "a" { default = "default" }
variable "b" { default = "default" }
variable "c" { default = "default" }
variable "cidrs" { type = list(string) }
output "all" { value = [var.a, var.b, var.c, var.cidrs] }
