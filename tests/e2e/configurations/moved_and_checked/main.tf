terraform {
  required_version = ">= 1.0"
}
variable "port" {
  type        = number
  description = "With everything that a variable may have"
  default     = "22"
  validation {
    condition     = var.port > 0
    error_message = "A port, please, not ${var.port}."
  }
}
moved {
  from = terraform_data.old
  to   = terraform_data.new
}
removed {
  from = terraform_data.gone
  lifecycle {
    destroy = false
  }
}
check "health" {
  assert {
    condition     = terraform_data.new.input == 22
    error_message = "not 22"
  }
}
resource "terraform_data" "new" {
  input = var.port
  lifecycle {
    ignore_changes = [triggers_replace]
  }
  depends_on = [terraform_data.first]
  provisioner "local-exec" {
    command = "true"
  }
}
resource "terraform_data" "first" {}
output "port" {
  value       = var.port
  description = "The port"
  depends_on  = [terraform_data.first]
}
