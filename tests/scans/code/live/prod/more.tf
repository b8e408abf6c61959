variable "office" {
  type    = list(string)
  default = ["0.0.0.0/0"]
}

resource "aws_security_group_rule" "accepted" {
  #checkov:skip=CKV_AWS_24:known and accepted
  type              = "ingress"
  description       = "v6"
  security_group_id = aws_security_group.shared.id
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  ipv6_cidr_blocks  = ["::/0"]
}

resource "aws_security_group_rule" "everything" {
  type              = "ingress"
  description       = "all"
  security_group_id = aws_security_group.shared.id
  from_port         = 0
  to_port           = 0
  protocol          = "-1"
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_security_group_rule" "variable" {
  type              = "ingress"
  description       = "ssh"
  security_group_id = aws_security_group.shared.id
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = var.office
}

resource "aws_security_group" "shared" {
  name        = "shared"
  description = "A group whose rules are resources of their own"
}
