variable "cidrs" {
  type    = list(string)
  default = ["0.0.0.0/0"]

  validation {
    condition     = length(var.cidrs) > 0
    error_message = "There must be a CIDR."
  }
}

variable "name" {
  type = string
}

variable "public" {
  type     = bool
  default  = true
  nullable = false
}
