module "inner" {
  source = "./modules/inner"
}
output "root" { value = [path.module, path.root] }
output "inner" { value = module.inner.paths }
output "file" { value = module.inner.file }
