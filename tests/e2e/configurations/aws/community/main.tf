# As terraform-aws-modules/security-group is written.
variable "name" { type = string }
variable "create" {
  type    = bool
  default = true
}
variable "rules" {
  type = map(list(any))
  default = {
    ssh-tcp       = [22, 22, "tcp", "SSH"]
    https-443-tcp = [443, 443, "tcp", "HTTPS"]
    rdp-tcp       = [3389, 3389, "tcp", "Remote Desktop"]
    _             = ["", "", ""]
  }
}
variable "ingress_rules" {
  type    = list(string)
  default = []
}
variable "ingress_cidr_blocks" {
  type    = list(string)
  default = []
}
variable "ingress_with_cidr_blocks" {
  type    = list(map(string))
  default = []
}
locals {
  create = var.create && true
  this_sg_id = concat(
    aws_security_group.this.*.id,
    [""],
  )[0]
}
resource "aws_security_group" "this" {
  count       = local.create ? 1 : 0
  name        = var.name
  description = "Security Group managed by Terraform"
  tags = merge(
    {
      "Name" = format("%s", var.name)
    },
    {},
  )
}
resource "aws_security_group_rule" "ingress_rules" {
  count             = local.create ? length(var.ingress_rules) : 0
  security_group_id = local.this_sg_id
  type              = "ingress"
  cidr_blocks       = var.ingress_cidr_blocks
  description       = var.rules[var.ingress_rules[count.index]][3]
  from_port         = var.rules[var.ingress_rules[count.index]][0]
  to_port           = var.rules[var.ingress_rules[count.index]][1]
  protocol          = var.rules[var.ingress_rules[count.index]][2]
}
resource "aws_security_group_rule" "ingress_with_cidr_blocks" {
  count             = local.create ? length(var.ingress_with_cidr_blocks) : 0
  security_group_id = local.this_sg_id
  type              = "ingress"
  cidr_blocks = compact(split(
    ",",
    lookup(var.ingress_with_cidr_blocks[count.index], "cidr_blocks", join(",", var.ingress_cidr_blocks))
  ))
  description = lookup(var.ingress_with_cidr_blocks[count.index], "description", "Ingress Rule")
  from_port = lookup(
    var.ingress_with_cidr_blocks[count.index],
    "from_port",
    var.rules[lookup(var.ingress_with_cidr_blocks[count.index], "rule", "_")][0],
  )
  to_port = lookup(
    var.ingress_with_cidr_blocks[count.index],
    "to_port",
    var.rules[lookup(var.ingress_with_cidr_blocks[count.index], "rule", "_")][1],
  )
  protocol = lookup(
    var.ingress_with_cidr_blocks[count.index],
    "protocol",
    var.rules[lookup(var.ingress_with_cidr_blocks[count.index], "rule", "_")][2],
  )
}
