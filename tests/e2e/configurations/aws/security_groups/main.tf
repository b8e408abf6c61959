variable "admin_cidrs" {
  type    = set(string)
  default = ["0.0.0.0/0", "10.0.0.0/8"]
}
locals {
  services = {
    ssh = { port = 22, cidrs = ["0.0.0.0/0"] }
    web = { port = "443", cidrs = ["10.0.0.0/8", "0.0.0.0/0"], protocol = "tcp" }
  }
  ports = [22, 3389]
  rules = [
    { from = 1000, to = 2000, cidrs = ["192.0.2.0/24"], v6 = [] },
    { from = 3000, to = 3000, cidrs = [], v6 = ["::/0"] },
  ]
  open  = true
  named = { for p in local.ports : "port-${p}" => p }
}
resource "aws_security_group" "inline" {
  name        = "inline"
  description = "Inline ${upper("rules")}"
  ingress {
    from_port   = 22
    to_port     = "22"
    protocol    = "TCP"
    cidr_blocks = concat(["192.0.2.0/24"], tolist(var.admin_cidrs))
    description = "ssh"
  }
  ingress {
    from_port        = 443
    to_port          = 443
    protocol         = "tcp"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
    self             = true
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
  tags = merge({ Name = "inline" }, { for k, v in local.services : "port-${k}" => v.port })
}
resource "aws_security_group" "dynamic_map" {
  name = "dynamic-map"
  dynamic "ingress" {
    for_each = local.services
    content {
      description = ingress.key
      from_port   = ingress.value.port
      to_port     = ingress.value.port
      protocol    = lookup(ingress.value, "protocol", "tcp")
      cidr_blocks = ingress.value.cidrs
    }
  }
}
resource "aws_security_group" "dynamic_list" {
  name = "dynamic-list"
  dynamic "ingress" {
    for_each = local.rules
    iterator = rule
    content {
      description      = "rule ${rule.key}"
      from_port        = rule.value.from
      to_port          = rule.value["to"]
      protocol         = "udp"
      cidr_blocks      = length(rule.value.cidrs) > 0 ? rule.value.cidrs : null
      ipv6_cidr_blocks = rule.value.v6
    }
  }
}
resource "aws_security_group" "dynamic_set" {
  for_each = local.named
  name     = "dynamic-set-${each.key}"
  dynamic "ingress" {
    for_each = toset([for c in var.admin_cidrs : c if c != "10.0.0.0/8"])
    content {
      from_port   = each.value
      to_port     = each.value
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
      description = "${ingress.key} on ${each.key}"
    }
  }
  dynamic "egress" {
    for_each = local.open ? [1] : []
    content {
      from_port   = 0
      to_port     = 0
      protocol    = -1
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
resource "aws_security_group" "as_an_argument" {
  name = "as-an-argument"
  ingress = [for name, s in local.services : {
    description      = name
    from_port        = s.port
    to_port          = s.port
    protocol         = "tcp"
    cidr_blocks      = s.cidrs
    ipv6_cidr_blocks = []
    prefix_list_ids  = []
    security_groups  = []
    self             = false
  }]
}
resource "aws_security_group" "closed" {
  count   = 2
  name    = "closed-${count.index}"
  ingress = []
  egress  = []
}
