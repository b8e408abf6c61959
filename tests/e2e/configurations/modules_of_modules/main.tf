variable "cidrs" {
  default = ["0.0.0.0/0"]
}
module "outer" {
  source   = "./outer"
  cidrs    = var.cidrs
  services = { ssh = { port = 22 }, web = { port = 443, cidrs = ["10.0.0.0/8"] } }
}
output "deep" { value = module.outer.deep }
output "all" { value = module.outer.all }
