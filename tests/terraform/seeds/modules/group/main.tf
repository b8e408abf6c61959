variable "name" {}

variable "ports" {
  type = list(number)
}

variable "cidrs" {
  type = set(string)
}

resource "aws_security_group" "this" {
  name        = var.name
  description = templatefile("${path.module}/about.tftpl", { name = var.name, cidrs = var.cidrs })

  ingress = [
    for port in var.ports : {
      from_port        = port
      to_port          = port
      protocol         = "tcp"
      cidr_blocks      = tolist(var.cidrs)
      ipv6_cidr_blocks = ["::/0"]
      description      = ""
      prefix_list_ids  = []
      security_groups  = []
      self             = false
    }
  ]
}

output "id" {
  value = aws_security_group.this.id
}
