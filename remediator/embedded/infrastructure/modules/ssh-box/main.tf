variable "name" {
  type = string
}

resource "aws_security_group" "this" {
  name        = var.name
  description = "A build machine"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

output "security_group_id" {
  value = aws_security_group.this.id
}
