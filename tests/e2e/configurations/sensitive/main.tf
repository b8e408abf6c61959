variable "secret" {
  type      = string
  default   = "s3cret"
  sensitive = true
}
resource "terraform_data" "uses" {
  input = { text = "password ${var.secret}", plain = "visible" }
}
output "open" { value = nonsensitive(var.secret) }
output "length" { value = length(nonsensitive(var.secret)) }
output "hidden" {
  value     = [var.secret, "x"]
  sensitive = true
}
