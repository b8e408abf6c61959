locals {
  vpc = "10.0.0.0/16"
}
output "subnets" { value = [for i in range(3) : cidrsubnet(local.vpc, 8, i)] }
output "subnet" { value = [cidrsubnet("192.168.0.0/24", 4, 15), cidrsubnet("fd00::/48", 16, 1), cidrsubnet("0.0.0.0/0", 0, 0)] }
output "subnetted" { value = cidrsubnets("10.1.0.0/16", 4, 4, 8) }
output "host" { value = [cidrhost(local.vpc, 5), cidrhost("10.0.0.0/24", -1), cidrhost("fd00::/64", 256)] }
output "netmask" { value = cidrnetmask("172.16.0.0/12") }
output "by_name" { value = zipmap(["a", "b"], cidrsubnets(local.vpc, 8, 8)) }
output "with_mask" { value = "${cidrhost(local.vpc, 1)}/32" }
output "split" { value = tonumber(split("/", local.vpc)[1]) }
