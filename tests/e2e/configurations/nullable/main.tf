variable "plain" {
  type    = string
  default = "plain default"
}
variable "not_nullable" {
  type     = string
  default  = "default"
  nullable = false
}
variable "nullable" {
  type     = string
  default  = "default"
  nullable = true
}
variable "list" {
  type     = list(string)
  default  = ["default"]
  nullable = false
}
module "nulls" {
  source       = "./inner"
  nullable     = null
  not_nullable = null
  list         = null
  object       = null
}
module "given" {
  source       = "./inner"
  nullable     = var.nullable
  not_nullable = var.not_nullable
  list         = var.list
  object       = { a = null }
}
module "absent" {
  source = "./inner"
}
output "values" { value = [var.plain, var.not_nullable, var.nullable, var.list] }
output "nulls" { value = module.nulls.all }
output "given" { value = module.given.all }
output "absent" { value = module.absent.all }
