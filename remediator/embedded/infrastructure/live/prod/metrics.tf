resource "aws_security_group" "metrics" {
  name        = "metrics"
  description = "What the dashboards read"

  ingress {
    from_port   = 9090
    to_port     = 9090
    protocol    = "tcp"
    cidr_blocks = ["10.20.0.0/16", "0.0.0.0/0"]
  }
}
