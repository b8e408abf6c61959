# The operators' way in. The office's network may use it; somebody opened it further.
resource "aws_security_group" "web_admin" {
  name        = "web-admin"
  description = "Administration of the web servers"

  ingress {
    description = "SSH from the office"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["198.51.100.0/24", "0.0.0.0/0"] # ticket OPS-1432
  }

  ingress {
    description = "Metrics"
    from_port   = 9100
    to_port     = 9100
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }

  tags = {
    Team = "web"
  }
}

resource "aws_security_group" "windows" {
  name        = "windows-jobs"
  description = "Batch jobs on Windows"
}

# A leftover of the migration.
resource "aws_security_group_rule" "rdp" {
  security_group_id = aws_security_group.windows.id
  type              = "ingress"
  from_port         = 3389
  to_port           = 3389
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_vpc_security_group_ingress_rule" "ssh_v6" {
  security_group_id = aws_security_group.windows.id
  description       = "SSH over IPv6"
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv6         = "::/0"
}
