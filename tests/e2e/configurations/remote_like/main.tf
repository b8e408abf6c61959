# The shape of terraform-aws-modules: texts with commas, names of rules, create switches.
variable "create" { default = true }
variable "rules" {
  type = map(list(any))
  default = {
    ssh-tcp   = [22, 22, "tcp", "SSH"]
    https-443 = [443, 443, "tcp", "HTTPS"]
    all-all   = [-1, -1, "-1", "All protocols"]
  }
}
variable "ingress_rules" { default = ["ssh-tcp", "https-443"] }
variable "ingress_cidr_blocks" { default = ["0.0.0.0/0"] }
variable "ingress_with_cidr_blocks" {
  type = list(map(string))
  default = [
    { from_port = 8080, to_port = 8090, protocol = "tcp", cidr_blocks = "10.0.0.0/8,0.0.0.0/0" },
    { rule = "all-all", cidr_blocks = "192.0.2.0/24" },
  ]
}
resource "terraform_data" "ingress_rules" {
  count = var.create ? length(var.ingress_rules) : 0
  input = {
    cidr_blocks = var.ingress_cidr_blocks
    description = var.rules[var.ingress_rules[count.index]][3]
    from_port   = var.rules[var.ingress_rules[count.index]][0]
    protocol    = var.rules[var.ingress_rules[count.index]][2]
  }
}
resource "terraform_data" "ingress_with_cidr_blocks" {
  count = var.create ? length(var.ingress_with_cidr_blocks) : 0
  input = {
    cidr_blocks = compact(split(",", lookup(var.ingress_with_cidr_blocks[count.index], "cidr_blocks", join(",", var.ingress_cidr_blocks))))
    from_port   = lookup(var.ingress_with_cidr_blocks[count.index], "from_port", var.rules[lookup(var.ingress_with_cidr_blocks[count.index], "rule", "ssh-tcp")][0])
  }
}
