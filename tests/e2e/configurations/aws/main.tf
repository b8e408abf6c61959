# Every folder here is a configuration of its own; one terraform applies them together.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
module "policy_documents" {
  source = "./policy_documents"
}
module "security_groups" {
  source = "./security_groups"
}
module "rules" {
  source = "./rules"
  groups = { web = ["0.0.0.0/0"], admin = ["10.0.0.0/8", "192.0.2.0/24"] }
}
module "community" {
  source              = "./community"
  name                = "community"
  ingress_cidr_blocks = ["0.0.0.0/0", "10.0.0.0/8"]
  ingress_rules       = ["ssh-tcp", "https-443-tcp"]
  ingress_with_cidr_blocks = [
    { from_port = 8080, to_port = 8090, protocol = "tcp", description = "apps", cidr_blocks = "192.0.2.0/24,0.0.0.0/0" },
    { rule = "rdp-tcp", cidr_blocks = "198.51.100.0/24" },
  ]
}
module "policies" {
  source = "./policies"
}
output "policy_documents" { value = module.policy_documents }
