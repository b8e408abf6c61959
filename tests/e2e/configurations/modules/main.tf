locals {
  world = "0.0.0.0/0"
}
module "defaults" {
  source = "./group"
  name   = "defaults"
}
module "given" {
  source = "./group"
  name   = "given"
  ports  = [80, "443"]
  cidrs  = [local.world, "10.0.0.0/8"]
  tags   = { owner = "ops", count = 3 }
}
module "of_another" {
  source = "./group/"
  name   = "${module.given.name}-more"
  cidrs  = concat(module.given.cidrs, ["192.0.2.0/24"])
  ports  = [for p in module.given.ports : p + 1]
}
module "parent_folder" {
  source = "./group/../group"
  name   = "again"
}
output "names" { value = [module.defaults.name, module.given.name, module.of_another.name, module.parent_folder.name] }
output "cidrs" { value = module.of_another.cidrs }
output "ports" { value = [module.defaults.ports, module.of_another.ports] }
output "object" { value = module.given.object }
