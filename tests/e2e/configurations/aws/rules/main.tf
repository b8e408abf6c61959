variable "groups" { type = map(list(string)) }
resource "aws_security_group" "each" {
  for_each = var.groups
  name     = "rules-${each.key}"
}
resource "aws_security_group_rule" "each" {
  for_each          = { for p in flatten([for g, cidrs in var.groups : [for c in cidrs : { group = g, cidr = c }]]) : "${p.group}-${p.cidr}" => p }
  type              = "ingress"
  security_group_id = aws_security_group.each[each.value.group].id
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = [each.value.cidr]
  description       = aws_security_group.each[each.value.group].name
}
resource "aws_vpc_security_group_ingress_rule" "counted" {
  count             = length(var.groups["admin"])
  security_group_id = aws_security_group.each["admin"].id
  ip_protocol       = "tcp"
  from_port         = 3389 + count.index
  to_port           = 3389 + count.index
  cidr_ipv4         = cidrsubnet(element(var.groups["admin"], count.index), 1, 0)
}
