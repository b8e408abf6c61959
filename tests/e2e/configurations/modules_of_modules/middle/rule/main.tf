variable "cidr" { type = string }
variable "label" { type = string }
variable "port" { type = number }
resource "terraform_data" "this" {
  input = { cidr = var.cidr, label = var.label, port = var.port, where = path.module }
}
output "rule" { value = terraform_data.this.input }
