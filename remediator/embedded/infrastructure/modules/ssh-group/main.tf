variable "name" {
  type = string
}

variable "cidrs" {
  type    = list(string)
  default = []
}

resource "aws_security_group" "this" {
  name        = var.name
  description = "SSH for operators"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = var.cidrs
  }
}
