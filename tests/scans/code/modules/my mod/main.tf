resource "aws_security_group" "inner" {
  count       = 2
  name        = "inner"
  description = "A group"

  ingress {
    description = "ssh"
    from_port   = 20
    to_port     = 25
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
