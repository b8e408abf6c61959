# A root module with most of what the language has.
terraform {
  required_version = ">= 1.5"

  backend "s3" {
    bucket = "states"
    key    = "live/terraform.tfstate"
    region = "eu-west-1"
  }
}

locals {
  open    = concat(var.cidrs, ["10.0.0.0/8"])
  ports   = { ssh = 22, "rdp" : 3389, web = 80 + 363 }
  doubled = [for name, port in local.ports : { name = upper(name), port = port } if port < 4000]
  named   = { for one in local.doubled : lower(one.name) => one.port... }
  text    = "${var.name}-%{if var.public}public%{else}private%{endif}"
  policy  = <<-EOT
    {
      "Statement": [{"Effect": "Allow", "Action": ["iam:PassRole"], "Resource": "${var.name}"}]
    }
  EOT
  first   = try(var.cidrs[0], local.open.*, null)
}

module "group" {
  for_each = local.named
  source   = "../modules/group"

  name  = each.key
  ports = each.value
  cidrs = var.public ? var.cidrs : ["10.0.0.0/8"]
}

resource "aws_security_group" "plain" {
  name = "plain"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0", "10.1.0.0/16"] # the office
  }
}

resource "aws_security_group" "dynamic" {
  name = local.text
  tags = merge({ Name = var.name }, jsondecode(file("${path.module}/tags.json")))

  dynamic "ingress" {
    for_each = { for port in [22, 8080] : tostring(port) => port }
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = local.open
    }
  }
}

resource "aws_security_group_rule" "counted" {
  count             = length(var.cidrs)
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 3389
  to_port           = 3389
  cidr_blocks       = [element(var.cidrs, count.index)]
  security_group_id = aws_security_group.plain.id
}

output "groups" {
  value = [for group in module.group : group.id][*]
}
