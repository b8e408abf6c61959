variable "text" {}
output "text" { value = var.text }
resource "terraform_data" "this" {
  input = var.text
}
