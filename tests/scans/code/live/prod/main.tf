provider "aws" {
  region = "us-east-1"
}

module "m" {
  source = "../../modules/my mod"
}

resource "aws_security_group" "web" {
  name        = "web"
  description = "A group"

  ingress {
    description = "ssh"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
  }

  ingress {
    description = "http"
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    description = "all"
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group_rule" "rdp" {
  type              = "ingress"
  description       = "rdp"
  security_group_id = aws_security_group.shared.id
  from_port         = 3389
  to_port           = 3389
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_vpc_security_group_ingress_rule" "all" {
  description       = "all"
  security_group_id = aws_security_group.shared.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}
